import { goto, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { routerMac, wireMac } from './addresses.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'

/** What is addressed to the router's MAC is the router's; the rest stays in its network. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, 'ethDst'],
    sets: [reg.origin],
    next: ['static-route', 'switch'],
  },
  [
    rule(
      'packets for the router',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, routed }) {
        if (routed)
          yield {
            priority: 100,
            match: { [reg.network]: vni, ethDst: routerMac },
            actions: [goto('static-route')],
          }
      },
    ),
    rule(
      'packets for the router from a VLAN',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ network: id, host, port }, model) {
        const network = model.get('network', id)
        if (!network?.routed || port === undefined) return
        yield {
          priority: 100,
          match: { [reg.network]: network.vni, ethDst: wireMac(host) },
          // From here on it is no matter of one network: it may go to any host, and out.
          actions: [set(reg.origin, origin.workload), goto('static-route')],
        }
      },
    ),
    rule(
      'packets within the network',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('switch')] }
      },
    ),
  ],
)
