import type { ObjectView } from '../../api/contract.js'
import type { GatewayCounters } from '../../api/counters.js'
import type { Failover } from '../../gateway/failover.js'
import type { Model } from '../../model/model.js'
import { addressAt } from '../../model/outside.js'
import type { KindName } from '../../policy/index.js'
import type { GatewayCounterReader } from '../counters/gateway-counters.js'
import type { RuleCounterReader } from '../counters/rule-counters.js'
import type { Sources } from '../sources.js'
import type { BandwidthViews } from './bandwidth-views.js'
import type { MirrorViews } from './mirror-views.js'
import { PolicyViews } from './policy-views.js'
import type { RouteViews } from './route-views.js'
import type { ServiceViews } from './service-views.js'

/** Where what is told of objects beyond their files comes from. */
interface Parts {
  readonly model: Model
  readonly sources: Sources
  readonly failover: Failover
  readonly ruleCounters: RuleCounterReader
  readonly gatewayCounters: GatewayCounterReader
  readonly bandwidths: BandwidthViews
  readonly mirrors: MirrorViews
  readonly routes: RouteViews
  readonly serviceViews: ServiceViews
}

/** Objects as clients see them: with where they are, what they do, and what has come of that. */
export function objectViews(
  parts: Parts,
): (kind: KindName, objects: readonly ObjectView[]) => Promise<readonly ObjectView[]> {
  const { model, sources } = parts
  return async (kind, objects) => {
    if (kind === 'Gateway') {
      const counters = await parts.gatewayCounters.read()
      return objects.map((object) => withCounters(withStates(object), counters))
    }
    const counted = kind === 'Route' ? parts.routes : kind === 'Mirror' ? parts.mirrors : undefined
    if (counted) {
      const counts = await counted.counts()
      return objects.map((object) => counted.view(object, counts))
    }
    if (kind === 'Bandwidth') {
      const counters = await parts.bandwidths.counts()
      return objects.map((object) => parts.bandwidths.view(object, counters))
    }
    if (kind === 'Service') {
      const counters = await parts.serviceViews.counts()
      return objects.map((object) => parts.serviceViews.view(object, counters))
    }
    if (kind !== 'Policy') return objects.map((object) => withStations(withHost(object)))
    const policies = new PolicyViews(model, sources, await parts.ruleCounters.read())
    return objects.map((object) => policies.view(object))
  }

  /** A gateway with the packets that its translations have sent, taken in and refused. */
  function withCounters(object: ObjectView, counters: readonly GatewayCounters[]): ObjectView {
    const own = counters.find(({ gateway }) => gateway === object.name)
    if (!own) return object
    return {
      ...object,
      sentPackets: own.sent.packets,
      receivedPackets: own.received.packets,
      refusedPackets: own.refused.packets,
    }
  }

  /** A gateway with the address that it has now; where several hosts can carry it, with the one that does, and what the others do. */
  function withStates(object: ObjectView): ObjectView {
    const row = object.kind === 'Gateway' ? model.get('gateway', object.name) : undefined
    if (!row) return object
    const { failover } = parts
    const activeHost = failover.activeHost(row)
    const address = addressAt(row, row.address, activeHost ?? '')
    const now = { ...object, ...(address !== undefined && { address }) }
    if (row.hosts.length < 2) return now
    return {
      ...now,
      ...(activeHost && { activeHost }),
      hostStates: failover.states(row),
      ...failover.standing(row),
    }
  }

  /** A network with a VLAN, with the hosts that meet it; and the MACs of stations that no file says. */
  function withStations(object: ObjectView): ObjectView {
    if (object.kind !== 'Network') return object
    const id = `${object.tenant}/${object.name}`
    const wires = model
      .by('wiresByNetwork', id)
      .map(({ host, via }) => (via === undefined ? host : `${host} by ${via}`))
    const stations = model.by('stationsByNetwork', id).map(({ address, mac }) => [address, mac] as const)
    return {
      ...object,
      ...(wires.length > 0 && { vlanHosts: wires }),
      ...(stations.length > 0 && { stations: Object.fromEntries(stations) }),
    }
  }

  function withHost(object: ObjectView): ObjectView {
    if (object.kind !== 'Workload') return object
    const placement = model.get('placement', `${object.tenant}/${object.name}`)
    if (!placement) return object
    return { ...object, host: placement.host, port: placement.port, ofport: placement.ofport }
  }
}
