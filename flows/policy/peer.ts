import { everything } from '../../src/model/index-definitions.js'
import { classOf } from '../../src/model/labels.js'
import type { Reads } from '../../src/model/reads.js'
import type { WorkloadRow } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { goto, set } from '../../src/pipeline/actions.js'
import { type RuleFlow, rule } from '../../src/pipeline/table.js'
import { linkLocal } from '../addresses.js'
import { peersOf } from '../peers.js'
import { ownTenant, reg } from '../registers.js'
import { scope } from '../scopes.js'
import { halves, remoteFields, type Side, type TableParts } from './side.js'

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

function* lookUp(side: Side, workload: WorkloadRow, model: Reads): Generator<RuleFlow> {
  const { tenant: owner, network: networkId, addresses, mac } = workload
  const own = asks(owner, side, model)
  const others = [...peersOf(owner, model)].filter(
    ({ tenant, ours }) => ours.some(({ id }) => id === networkId) && asks(tenant, side, model),
  )
  if (!own && others.length === 0) return
  const network = model.get('network', networkId)
  const tenant = model.get('tenant', owner)
  if (!network || !tenant) return
  const known = classOf(workload.labels)
  const flow = (priority: number, at: Match, address: string, whose: number): RuleFlow => ({
    priority,
    match: { ...at, ...side.remote(address) },
    actions: found(side, whose, known),
  })
  if (own) {
    // Networks that are not routed may have addresses that other networks of the tenant have, too.
    const within = { [reg.network]: network.vni }
    const at = network.routed ? { [reg.tenant]: tenant.number } : within
    for (const address of addresses) yield flow(network.routed ? 100 : 200, at, address, ownTenant)
    if (network.subnet6) yield flow(200, within, linkLocal(mac), ownTenant)
  }
  for (const { tenant: other, theirs } of others) {
    const judged = model.get('tenant', other)?.number
    if (judged === undefined) continue
    for (const { vni } of theirs)
      for (const address of addresses)
        yield flow(100, { [reg.tenant]: judged, [reg.network]: vni }, address, tenant.number)
  }
}

/** Whether some rule that judges workloads of a tenant asks for labels of the other end. */
function asks(tenant: string, { name }: Side, model: Reads): boolean {
  return [everything, tenant].some((key) => model.by('labelledPeers', key).includes(name))
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
