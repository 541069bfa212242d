import { goto, reflect } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, routerMac } from './addresses.js'
import { echoReply, swapMacs } from './answers.js'
import { peersOf } from './peers.js'
import { icmp6EchoRequest, icmpEchoRequest, to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What is addressed to the router itself is answered or routed; the rest stays in its network. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.network,
      reg.tenant,
      'ethDst',
      'ethType',
      'ipProto',
      'icmpv4Type',
      'icmpv6Type',
      'ipv4Dst',
      'ipv6Dst',
    ],
    sets: [
      'ethSrc',
      'ethDst',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'icmpv4Type',
      'icmpv6Type',
      'ipTtl',
    ],
    next: ['route', 'switch'],
  },
  [
    rule(
      'ping of the gateway of a network',
      'network',
      ({ id }) => scope.network(id),
      function* ({ tenant: id, name, gateway, gateway6, routed }, model) {
        const tenants = [
          id,
          ...[...peersOf(id, model)]
            .filter(({ ours }) => ours.some((own) => own.name === name))
            .map((peer) => peer.tenant),
        ]
        for (const address of routed ? [gateway, gateway6] : []) {
          if (!address) continue
          const request = family(address) === 4 ? icmpEchoRequest : icmp6EchoRequest
          for (const tenant of tenants) {
            const number = model.get('tenant', tenant)?.number
            if (number === undefined) continue
            yield {
              priority: 200,
              match: { [reg.tenant]: number, ethDst: routerMac, ...request, ...to(address) },
              actions: [...swapMacs, ...echoReply(address), reflect],
            }
          }
        }
      },
    ),
    rule(
      'packets for the router',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, routed }) {
        if (routed)
          yield { priority: 100, match: { [reg.network]: vni, ethDst: routerMac }, actions: [goto('route')] }
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
