import { anywhere, call, drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { echoReply } from './answers.js'
import { at, subnetsOf } from './gateways.js'
import { icmp6EchoRequest, icmpEchoRequest, to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** On the gateway's host: what may leave. An address inside the cluster is never looked for outside. */
export default table(
  import.meta.url,
  {
    matches: [reg.gateway, 'ethType', 'ipv4Dst', 'ipv6Dst', 'ipProto', 'icmpv4Type', 'icmpv6Type'],
    sets: ['inPort16', 'ipv4Src', 'ipv4Dst', 'ipv6Src', 'ipv6Dst', 'icmpv4Type', 'icmpv6Type', 'ipTtl'],
    next: ['shared-limit-out', 'static-route'],
  },
  [
    rule(
      'address of the gateway from inside',
      'outsideAddress',
      ({ gateway }) => scope.gateway(gateway),
      function* ({ gateway: id, address }, model) {
        const gateway = model.get('gateway', id)
        if (!gateway) return
        const request = family(address) === 4 ? icmpEchoRequest : icmp6EchoRequest
        yield {
          priority: 400,
          match: { ...at(gateway), ...request, ...to(address) },
          actions: [...echoReply(address), anywhere, call('static-route')],
        }
        yield {
          priority: 300,
          match: { ...at(gateway), ...to(address) },
          actions: [goto('shared-limit-out')],
        }
      },
    ),
    rule(
      'floating address from inside',
      'floatingIp',
      ({ gateway }) => scope.gateway(gateway),
      function* ({ gateway: id, address }, model) {
        const gateway = model.get('gateway', id)
        if (gateway)
          yield {
            priority: 300,
            match: { ...at(gateway), ...to(address) },
            actions: [goto('shared-limit-out')],
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
            match: { ...at(gateway), ...to(subnet) },
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
