import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { routerMac } from './addresses.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What is addressed to the router's MAC is the router's; the rest stays in its network. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, 'ethDst'],
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
      'packets within the network',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('switch')] }
      },
    ),
  ],
)
