import { call, output } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { tunnelTo } from './tunnels.js'

/**
 * A copy for every station of the network here, and one for every other host that has some. A switch never sends a
 * packet back to the port that it came from, so what came by tunnel stays here and the sender gets no copy.
 */
export default table(
  import.meta.url,
  { matches: [reg.network], sets: ['tunIpv4Dst', 'tunIpv6Dst'], next: ['tunnel-out'] },
  [
    rule(
      'stations of a network',
      'segment',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId, host }, model) {
        const network = model.get('network', networkId)
        if (!network) return
        const actions: RuleAction[] = model.by('placementsBySegment', id).map(({ ofport }) => output(ofport))
        for (const other of model.by('hostsOfNetwork', networkId)) {
          const row = other === host ? undefined : model.get('host', other)
          if (row) actions.push(...tunnelTo(row.tunnelIp), call('tunnel-out'))
        }
        yield { priority: 100, match: { [reg.network]: network.vni }, actions }
      },
    ),
  ],
)
