import { everything } from '../../model/index-definitions.js'
import type { Model } from '../../model/model.js'
import { versionOf } from '../../model/outside.js'
import type { Reads } from '../../model/reads.js'
import { viaOf } from '../../model/routes.js'
import type { MirrorRow, RouteRow, ServiceRow, TableName, Tables } from '../../model/rows.js'
import { mostBackends, runningBackends } from '../../model/services.js'
import type { Engine } from '../../pipeline/engine.js'

/** What an operator should know, although nothing is held back for it. */
export function* warningsOf(model: Model, engine: Engine): Generator<string> {
  yield* duplicateInterfaces(model)
  yield* waitingPeerings(model)
  yield* ofRows(model, 'route', routeToNobody)
  yield* ofRows(model, 'mirror', waitingMirror)
  yield* ofRows(model, 'service', serviceWithoutBackends)
  yield* ofRows(model, 'service', serviceBeyondLimit)
  yield* missingWires(model)
  yield* conflicts(model, engine)
  yield* faults(engine)
}

function* duplicateInterfaces(model: Model): Generator<string> {
  for (const iface of model.crowded('portsByInterface')) {
    const ports = model.by('portsByInterface', iface).map(({ id }) => id)
    yield `iface-id ${iface} is on ${ports.join(' and ')}; ${ports[0]} is used`
  }
}

function* waitingPeerings(model: Model): Generator<string> {
  for (const { id, tenant, peer } of model.rows('peering')) {
    const consent = model.by('peeringsByTenant', peer).some((other) => other.peer === tenant)
    if (!consent) yield `peering ${id} waits for tenant ${peer} to name ${tenant}`
  }
}

/** Addresses are not asked for inside: who has one is what files and ports say. */
export function routeToNobody({ id, tenant, via = [] }: RouteRow, reads: Reads): string | undefined {
  const missing = via.filter((each) => viaOf(tenant, each, reads) === undefined)
  if (missing.length === 0) return undefined
  const rest = missing.length < via.length ? 'the others take its packets' : 'its packets are dropped'
  return `route ${id}: no workload has ${missing.join(' or ')}; ${rest}`
}

function waitingMirror({ id, to }: MirrorRow, reads: Reads): string | undefined {
  if (reads.get('placement', to)) return undefined
  return `mirror ${id} waits for workload ${to}, which is plugged in nowhere: no copies are made`
}

/** A service that has nobody to answer at one of its addresses, or only workloads that run nowhere. */
export function serviceWithoutBackends(service: ServiceRow, reads: Reads): string | undefined {
  const deserted = service.addresses.filter(
    (address) => runningBackends(service, versionOf(address), reads).length === 0,
  )
  if (deserted.length === 0) return undefined
  return `service ${service.id}: no backend runs for ${deserted.join(' and ')}; what asks there is refused`
}

/** A service of which more backends run than get connections. */
export function serviceBeyondLimit(service: ServiceRow, reads: Reads): string | undefined {
  const counts = service.addresses.map(
    (address) => runningBackends(service, versionOf(address), reads).length,
  )
  const most = Math.max(...counts)
  if (most <= mostBackends) return undefined
  return `service ${service.id}: ${most} backends run; the first ${mostBackends} by name get connections`
}

function* ofRows<T extends TableName>(
  model: Model,
  table: T,
  warning: (row: Tables[T], reads: Reads) => string | undefined,
): Generator<string> {
  for (const row of model.rows(table)) {
    const text = warning(row, model)
    if (text !== undefined) yield text
  }
}

/** Networks on VLANs of which a host runs workloads without having the bridge. */
function* missingWires(model: Model): Generator<string> {
  for (const { id: network, vlan } of model.by('vlanNetworks', everything)) {
    if (!vlan) continue
    for (const host of model.by('hostsOfNetwork', network)) {
      const wire = model.get('wire', `${network}@${host}`)
      if (wire?.port !== undefined) continue
      const how = wire ? `by host ${wire.via} only` : 'not at all'
      yield `host ${host} has no bridge ${vlan.bridge}: its workloads of network ${network} reach VLAN ${vlan.tag} ${how}`
    }
  }
}

function* conflicts(model: Model, engine: Engine): Generator<string> {
  const said = new Set<string>()
  for (const { id } of model.rows('host'))
    for (const { winner, loser } of engine.desired(id)?.conflicts() ?? []) {
      const text = `${winner.unit.id} and ${loser.unit.id} want different things of the same packets; the first is in force`
      if (!said.has(text)) yield text
      said.add(text)
    }
}

function* faults(engine: Engine): Generator<string> {
  for (const [{ id }, { message }] of engine.faults) yield `${id} has no flows: ${message}`
}
