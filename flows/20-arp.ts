import { drop, reflect } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, routerMac } from './addresses.js'
import { arpReply } from './answers.js'
import { arp } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

const request = { ...arp, arpOp: 1 } as const

/** ARP requests are answered where they are asked; none is ever flooded. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, 'ethType', 'arpOp', 'arpTpa'],
    sets: ['ethSrc', 'ethDst', 'arpOp', 'arpSha', 'arpTha', 'arpSpa', 'arpTpa'],
  },
  [
    rule(
      'ARP reply for a workload',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = model.get('network', workload.network)
        if (!network) return
        for (const address of workload.addresses) {
          if (family(address) !== 4) continue
          yield {
            priority: 100,
            match: { [reg.network]: network.vni, ...request, arpTpa: address },
            actions: [...arpReply(workload.mac, address), reflect],
          }
        }
      },
    ),
    rule(
      'ARP reply for the router',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, gateway, routed, dhcp }) {
        // Where it does not route, its address is still the DHCP server's, which clients ask to renew.
        if (!(routed || dhcp) || !gateway) return
        yield {
          priority: 100,
          match: { [reg.network]: vni, ...request, arpTpa: gateway },
          actions: [...arpReply(routerMac, gateway), reflect],
        }
      },
    ),
    rule(
      'ARP for addresses that nobody has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: 1, match: { [reg.network]: vni }, actions: drop }
      },
    ),
  ],
)
