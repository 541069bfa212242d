import { drop } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, linkLocal, routerMac } from './addresses.js'
import { neighbourAdvertisementReply } from './answers.js'
import { neighbourSolicitation } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** Neighbour solicitations are answered where they are asked; none is ever flooded. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, 'ethType', 'ipProto', 'icmpv6Type', 'ndTarget'],
    sets: ['ethSrc', 'ethDst', 'ipv6Src', 'ipv6Dst', 'icmpv6Type', 'ndReserved', 'ndOptionsType'],
    next: ['nd-reply'],
  },
  [
    rule(
      'neighbour advertisement for a workload',
      'workload',
      ({ network }) => scope.network(network),
      function* ({ network: id, mac, addresses }, model) {
        const network = model.get('network', id)
        if (!network?.subnet6) return
        for (const address of [...addresses.filter((each) => family(each) === 6), linkLocal(mac)])
          yield {
            priority: 100,
            match: { [reg.network]: network.vni, ...neighbourSolicitation, ndTarget: address },
            actions: neighbourAdvertisementReply(mac, address),
          }
      },
    ),
    rule(
      'neighbour advertisement for the router',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, gateway6, routed }) {
        if (!routed || !gateway6) return
        for (const address of [gateway6, linkLocal(routerMac)])
          yield {
            priority: 100,
            match: { [reg.network]: vni, ...neighbourSolicitation, ndTarget: address },
            actions: neighbourAdvertisementReply(routerMac, address, true),
          }
      },
    ),
    rule(
      'solicitations for addresses that nobody has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, subnet6 }) {
        if (subnet6) yield { priority: 1, match: { [reg.network]: vni }, actions: drop }
      },
    ),
  ],
)
