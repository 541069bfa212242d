import { drop, goto, reflect, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { arpReply, neighbourAdvertisementReply, toController } from './answers.js'
import { isShared } from './failover.js'
import { addressesOf } from './gateways.js'
import { arp, ipv4, ipv6, neighbourAdvertisement, neighbourSolicitation } from './protocols.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'

/** What the outside sends to a gateway: its address is answered for, its connections go back through conntrack. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.gateway,
      reg.origin,
      'ethType',
      'ethDst',
      'arpOp',
      'arpTpa',
      'ipv4Dst',
      'ipv6Dst',
      'ipProto',
      'icmpv6Type',
      'ndTarget',
    ],
    sets: [
      'ethSrc',
      'ethDst',
      'arpOp',
      'arpSha',
      'arpTha',
      'arpSpa',
      'arpTpa',
      'ipv6Src',
      'ipv6Dst',
      'icmpv6Type',
      'ndReserved',
      'ndOptionsType',
    ],
    next: ['outside-tracked', 'nd-reply', 'uplink-out'],
  },
  [
    rule(
      'ARP and ND of a gateway address',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        const at = { [reg.gateway]: gateway.number }
        for (const address of addressesOf(gateway)) {
          if (family(address) === 4) {
            yield {
              priority: 300,
              match: { ...at, ...arp, arpOp: 1, arpTpa: address },
              actions: [...arpReply(gateway.mac, address), reflect],
            }
            yield {
              priority: 300,
              match: { ...at, ...arp, arpOp: 2, arpTpa: address },
              actions: toController('neighbour'),
            }
          } else {
            yield {
              priority: 300,
              match: { ...at, ...neighbourSolicitation, ndTarget: address },
              actions: neighbourAdvertisementReply(gateway.mac, address),
            }
            yield {
              priority: 300,
              match: { ...at, ...neighbourAdvertisement, ipv6Dst: address },
              actions: toController('neighbour'),
            }
          }
        }
      },
    ),
    rule(
      'back through the translation of a gateway',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        const ours = { [reg.gateway]: gateway.number, ethDst: gateway.mac }
        for (const address of addressesOf(gateway)) {
          const match = family(address) === 4 ? { ...ipv4, ipv4Dst: address } : { ...ipv6, ipv6Dst: address }
          yield {
            priority: 200,
            match: { ...ours, ...match },
            actions: [{ type: 'ct', zone: gateway.number, nat: {}, table: 'outside-tracked' }],
          }
        }
      },
    ),
    rule(
      'heartbeat that tells where a gateway is',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        if (!isShared(gateway, model)) return
        // A switch learns from it, and sends it no further: the station that it is for is where it came from.
        const { number, mac } = gateway
        yield {
          priority: 400,
          match: { [reg.gateway]: number, [reg.origin]: origin.heartbeat },
          actions: [set('ethSrc', mac), set('ethDst', mac), goto('uplink-out')],
        }
      },
    ),
    rule(
      'anything else from outside',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* ({ number }) {
        yield { priority: 1, match: { [reg.gateway]: number }, actions: drop }
      },
    ),
  ],
)
