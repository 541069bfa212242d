import { everything } from '../../src/model/index-definitions.js'
import { classOf } from '../../src/model/labels.js'
import { peersOf } from '../../src/model/peers.js'
import type { Reads } from '../../src/model/reads.js'
import type { NetworkRow, WorkloadRow } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { goto, set } from '../../src/pipeline/actions.js'
import { type RuleFlow, rule, type TableParts } from '../../src/pipeline/table.js'
import { linkLocal } from '../addresses.js'
import { holdingsOf, priorities, soleMacsOf } from '../allowances.js'
import { ownTenant, reg } from '../registers.js'
import { scope } from '../scopes.js'
import { halves, remoteFields, type Side } from './side.js'

/** Whose workload has the other end's address, and with which labels; looked up where some rule asks for labels. */
export function peer(side: Side): TableParts {
  return [
    {
      matches: [reg.tenant, reg.network, ...remoteFields(side)],
      sets: [reg.peerTenant, reg.peerClassHigh, reg.peerClassLow],
      next: [`${side.name}-group`],
    },
    [
      rule(
        'address of a workload',
        'workload',
        ({ network }) => scope.network(network),
        (workload, model) => lookUp(side, workload, model),
      ),
      rule(
        'addresses of no workload',
        'cluster',
        () => scope.guarded,
        function* () {
          yield { priority: 0, match: {}, actions: found(side, 0, '') }
        },
      ),
    ],
  ]
}

/** Added to priorities where networks are told apart, not only tenants. */
const local = 1000

function* lookUp(side: Side, workload: WorkloadRow, model: Reads): Generator<RuleFlow> {
  const { tenant: owner, network: networkId } = workload
  const own = asks(owner, side, model)
  const others = [...peersOf(owner, model)].filter(
    ({ tenant, ours }) => ours.some(({ id }) => id === networkId) && asks(tenant, side, model),
  )
  if (!own && others.length === 0) return
  const network = model.get('network', networkId)
  const tenant = model.get('tenant', owner)
  if (!network || !tenant) return
  const known = [...knownOf(workload, network, model)]
  const flows = (base: number, at: Match, whose: number) =>
    known.map(
      ({ ip, priority, labels }): RuleFlow => ({
        priority: base + priority,
        match: { ...at, ...side.remote(ip) },
        actions: labels === undefined ? found(side, 0, '') : found(side, whose, labels),
      }),
    )
  if (own) {
    // Networks that are not routed may have addresses that other networks of the tenant have, too.
    const within = { [reg.network]: network.vni }
    const at = network.routed ? { [reg.tenant]: tenant.number } : within
    yield* flows(network.routed ? 0 : local, at, ownTenant)
    if (network.subnet6)
      for (const mac of soleMacsOf(workload, model)) {
        const match = { ...within, ...side.remote(linkLocal(mac)) }
        yield {
          priority: local + priorities.own,
          match,
          actions: found(side, ownTenant, classOf(workload.labels)),
        }
      }
  }
  for (const { tenant: other, theirs } of others) {
    const judged = model.get('tenant', other)?.number
    if (judged === undefined) continue
    for (const { vni } of theirs) yield* flows(0, { [reg.tenant]: judged, [reg.network]: vni }, tenant.number)
  }
}

/** An address or block of a workload, with its class; none where several may use it that have not the same labels. */
interface Known {
  readonly ip: string
  readonly priority: number
  readonly labels: string | undefined
}

function* knownOf(workload: WorkloadRow, network: NetworkRow, model: Reads): Generator<Known> {
  for (const ip of workload.addresses)
    yield { ip, priority: priorities.own, labels: classOf(workload.labels) }
  for (const { ip, priority, holders } of holdingsOf(workload, network, model)) {
    const [labels, ...others] = new Set(holders.map((holder) => classOf(holder.labels)))
    yield { ip, priority, labels: others.length > 0 ? undefined : labels }
  }
}

/** Whether some rule that judges workloads of a tenant asks for labels of the other end. */
function asks(tenant: string, { name }: Side, model: Reads): boolean {
  return [everything, tenant].some((key) => model.by('labelledPeers', `${key}/${name}`).length > 0)
}

function found({ name }: Side, tenant: number, of: string) {
  const [high, low] = of === '' ? [0, 0] : halves(of)
  return [
    set(reg.peerTenant, tenant),
    set(reg.peerClassHigh, high),
    set(reg.peerClassLow, low),
    goto(`${name}-group`),
  ]
}
