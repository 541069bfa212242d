import type { Reads } from '../src/model/reads.js'
import type { PlacementRow } from '../src/model/rows.js'
import { call, output, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'
import { tunnelTo } from './tunnels.js'

/**
 * A copy for every station of the network here, and one for every other host that has some. A switch never sends a
 * packet back to the port that it came from, so what came by tunnel stays here and the sender gets no copy.
 */
export default table(
  import.meta.url,
  {
    matches: [reg.network],
    sets: [reg.destination, 'tunIpv4Dst', 'tunIpv6Dst'],
    next: ['output', 'tunnel-out'],
  },
  [
    rule(
      'stations of a network',
      'segment',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId, host }, model) {
        const network = model.get('network', networkId)
        if (!network) return
        const actions = model.by('placementsBySegment', id).flatMap((station) => copyFor(station, model))
        for (const other of model.by('hostsOfNetwork', networkId)) {
          const row = other === host ? undefined : model.get('host', other)
          if (row) actions.push(...tunnelTo(row.tunnelIp), call('tunnel-out'))
        }
        yield { priority: 100, match: { [reg.network]: network.vni }, actions }
      },
    ),
  ],
)

/** Where policy concerns the tenant, each copy is judged for its receiver. */
function copyFor({ id, tenant, ofport }: PlacementRow, model: Reads): readonly RuleAction[] {
  if (!isGuarded(tenant, model)) return [output(ofport)]
  const workload = model.get('workload', id)
  return workload ? [set(reg.destination, workload.key), call('output')] : []
}
