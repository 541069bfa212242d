import { drop, goto, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { exitMac, holderMac } from './addresses.js'
import { guardOf, isShared } from './failover.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'

/** Every group address has this bit set (IEEE 802, §8.2). */
const groupAddress = { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' } as const

/** From a MAC in a network to whom it belongs. A MAC of another network is as unknown as one that does not exist. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.origin, 'ethDst'],
    sets: [reg.destination, reg.origin, reg.gateway],
    next: ['flood', 'output'],
  },
  [
    rule(
      'MAC of a workload',
      'workload',
      ({ network }) => scope.network(network),
      function* ({ network: id, mac, key }, model) {
        const network = model.get('network', id)
        if (!network) return
        yield {
          priority: 100,
          match: { [reg.network]: network.vni, ethDst: mac },
          actions: [set(reg.destination, key), goto('output')],
        }
      },
    ),
    rule(
      'packets from other hosts to the outside',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        yield {
          priority: 100,
          match: { [reg.origin]: origin.tunnel, ethDst: exitMac(gateway) },
          actions: [set(reg.destination, gateway.key), goto('output')],
        }
      },
    ),
    rule(
      'packets to the outside that another host of the gateway hands on',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        if (!isShared(gateway, model)) return
        const { number } = gateway
        yield {
          priority: 100,
          match: { [reg.origin]: origin.tunnel, ethDst: holderMac(gateway) },
          actions: [set(reg.gateway, number), set(reg.origin, origin.exit), guardOf(gateway)],
        }
      },
    ),
    rule(
      'broadcast and multicast',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: 50, match: { [reg.network]: vni, ethDst: groupAddress }, actions: [goto('flood')] }
      },
    ),
    rule(
      'MACs that nobody in the network has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: 1, match: { [reg.network]: vni }, actions: drop }
      },
    ),
  ],
)
