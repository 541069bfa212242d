import { call, drop, goto, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { echoReply } from './answers.js'
import { addressesOf, subnetsOf } from './gateways.js'
import { icmp6EchoRequest, icmpEchoRequest, to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** No port at all as the way that the packet came by: a switch sends nothing back to the port that it came from. */
const anywhere = set('inPort16', 0)

/** On the gateway's host: what may leave. An address inside the cluster is never looked for outside. */
export default table(
  import.meta.url,
  {
    matches: [reg.gateway, 'ethType', 'ipv4Dst', 'ipv6Dst', 'ipProto', 'icmpv4Type', 'icmpv6Type'],
    sets: ['inPort16', 'ipv4Src', 'ipv4Dst', 'ipv6Src', 'ipv6Dst', 'icmpv4Type', 'icmpv6Type', 'ipTtl'],
    next: ['shared-limit-out', 'route'],
  },
  [
    rule(
      'ping of the outside address from inside',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const address of addressesOf(gateway)) {
          const request = family(address) === 4 ? icmpEchoRequest : icmp6EchoRequest
          const here = { [reg.gateway]: gateway.number }
          yield {
            priority: 400,
            match: { ...here, ...request, ...to(address) },
            actions: [...echoReply(address), anywhere, call('route')],
          }
          yield { priority: 300, match: { ...here, ...to(address) }, actions: drop }
        }
      },
    ),
    rule(
      'stations on the wire of a gateway',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const subnet of subnetsOf(gateway))
          yield {
            priority: 200,
            match: { [reg.gateway]: gateway.number, ...to(subnet) },
            actions: [goto('shared-limit-out')],
          }
      },
    ),
    rule(
      'addresses of a network of the cluster',
      'network',
      () => scope.gateways,
      function* ({ subnet, subnet6 }) {
        for (const block of [subnet, subnet6])
          if (block) yield { priority: 100, match: to(block), actions: drop }
      },
    ),
    rule(
      'everything else outside',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('shared-limit-out')] }
      },
    ),
  ],
)
