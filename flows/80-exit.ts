import { anywhere, call, goto } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { echoReply, stranded } from './answers.js'
import { at, ipOf, subnetsOf, versions, versionsOf } from './gateways.js'
import { icmp6EchoRequest, icmpEchoRequest, to } from './protocols.js'
import { part, reg } from './registers.js'
import { scope, scopeOfAddress } from './scopes.js'
import { checkSize, narrowUplinks } from './sizes.js'

/** The gateway is a router of its own. What comes back in is lowered there, as all that comes from outside. */
const hop: RuleAction = { type: 'decTtl' }
const onward: readonly RuleAction[] = [hop, goto('shared-limit-out')]

/** On the gateway's host: what may leave. An address inside the cluster is never looked for outside. */
export default table(
  import.meta.url,
  {
    matches: [reg.gateway, 'ethType', 'ipv4Dst', 'ipv6Dst', 'ipProto', 'icmpv4Type', 'icmpv6Type', 'ipTtl'],
    sets: [
      ...([
        'inPort16',
        'ipv4Src',
        'ipv4Dst',
        'ipv6Src',
        'ipv6Dst',
        'icmpv4Type',
        'icmpv6Type',
        'ipTtl',
      ] as const),
      part.larger.field,
    ],
    next: ['shared-limit-out', 'static-route'],
  },
  [
    rule(
      'address of the gateway from inside',
      'outsideAddress',
      scopeOfAddress,
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
          priority: 380,
          match: { ...at(gateway), ...to(address) },
          actions: [goto('shared-limit-out')],
        }
      },
    ),
    rule(
      'hops used up',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const version of versionsOf(gateway))
          yield {
            priority: 350,
            match: { ...at(gateway), ...ipOf[version], ipTtl: 1 },
            actions: stranded('hopsExceeded', 'gateway'),
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
            actions: onward,
          }
      },
    ),
    rule(
      'uplink that carries less than some network',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge, model) {
        for (const [gateway, mtu] of narrowUplinks(bridge, model)) {
          const actions = [hop, checkSize(mtu), goto('shared-limit-out')]
          for (const subnet of subnetsOf(gateway))
            yield { priority: 210, match: { ...at(gateway), ...to(subnet) }, actions }
          for (const version of versions)
            yield { priority: 50, match: { ...at(gateway), ...ipOf[version] }, actions }
        }
      },
    ),
    rule(
      'addresses of a network of the cluster',
      'network',
      () => scope.gateways,
      function* ({ subnet, subnet6 }) {
        for (const block of [subnet, subnet6])
          if (block) yield { priority: 100, match: to(block), actions: stranded('noRoute', 'gateway') }
      },
    ),
    rule(
      'everything else outside',
      'cluster',
      () => scope.gateways,
      function* () {
        for (const version of versions) yield { priority: 10, match: ipOf[version], actions: onward }
      },
    ),
  ],
)
