import { anywhere, drop, goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { family, transitAddress, transitBlocks } from './addresses.js'
import { stranded, tell } from './answers.js'
import { forwardedFragments } from './forwarded-fragments.js'
import { at, insideOf, ipOf, openedTo, refused, versions } from './gateways.js'
import { from, to } from './protocols.js'
import { origin, reg } from './registers.js'
import { scope, scopeOfAddress } from './scopes.js'
import { opening, original } from './tracking.js'

/** The MAC of the station outside that takes the packet, or back in for what another workload has outside. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.gateway,
      'ctState',
      'ctZone',
      'ctNwProto',
      'ctTpDst',
      'ipFrag',
      'ethType',
      'ipv4Src',
      'ipv6Src',
      'ipv4Dst',
      'ipv6Dst',
    ],
    sets: ['ethSrc', 'ethDst', 'inPort16', reg.origin, reg.source],
    next: ['gateway-mapping', 'uplink-out', 'outside-tracked', 'outside-transit'],
  },
  [
    rule(
      refused.connections,
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const version of versions)
          yield {
            priority: 610,
            match: { ...at(gateway), ctState: opening, ...from(transitBlocks[version]) },
            actions: stranded('untranslated', 'transit'),
          }
      },
    ),
    rule(
      refused.packets,
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const version of versions)
          yield {
            priority: 600,
            match: { ...at(gateway), ...from(transitBlocks[version]) },
            actions: drop,
          }
      },
    ),
    rule(
      'to a floating address',
      'floatingIp',
      ({ gateway }) => scope.gateway(gateway),
      function* (floating, model) {
        const { address } = floating
        const gateway = model.get('gateway', floating.gateway)
        if (!gateway || !insideOf(floating, model)) return
        yield {
          priority: 500,
          match: { ...at(gateway), ...to(address) },
          actions: [
            ...backIn,
            {
              type: 'ct',
              commit: true,
              zone: gateway.number,
              nat: { kind: 'dst', address: transitAddress(floating, family(address)) },
              table: 'outside-transit',
            },
          ],
        }
      },
    ),
    rule(
      'to a forwarded port',
      'publishedPort',
      scopeOfAddress,
      function* ({ portForward, gateway: id, address }, model) {
        const [forward, gateway] = [model.get('portForward', portForward), model.get('gateway', id)]
        if (!forward || !gateway || !insideOf(forward, model)) return
        const { protocol, port, workloadPort } = forward
        yield {
          priority: 500,
          match: { ...at(gateway), ctState: original, ...to(address), ...openedTo(protocol, port) },
          actions: [
            ...backIn,
            {
              type: 'ct',
              commit: true,
              zone: gateway.number,
              nat: { kind: 'dst', address: transitAddress(forward, family(address)), port: workloadPort },
              table: 'outside-transit',
            },
          ],
        }
      },
    ),
    forwardedFragments('gateway-mapping', 510),
    rule(
      'to an address of the gateway',
      'outsideAddress',
      scopeOfAddress,
      function* ({ gateway: id, address }, model) {
        const gateway = model.get('gateway', id)
        if (!gateway) return
        yield {
          priority: 400,
          match: { ...at(gateway), ...to(address) },
          actions: [...backIn, { type: 'ct', zone: gateway.number, nat: {}, table: 'outside-tracked' }],
        }
      },
    ),
    rule(
      'station on the wire',
      'neighbour',
      ({ gateway }) => scope.gateway(gateway),
      function* ({ gateway: id, address, mac }, model) {
        const gateway = model.get('gateway', id)
        if (gateway)
          yield {
            priority: 300,
            match: { ...at(gateway), ...to(address) },
            actions: leave(gateway.mac, mac),
          }
      },
    ),
    rule(
      'station on the wire that is not known yet',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        const { id, mac, subnet, nextHop, subnet6, nextHop6 } = gateway
        for (const [wire, router] of [
          [subnet, nextHop],
          [subnet6, nextHop6],
        ]) {
          if (wire === undefined) continue
          const hop = router === undefined ? undefined : model.get('neighbour', `${id}/${router}`)
          yield {
            priority: 200,
            match: { ...at(gateway), ...to(wire) },
            actions: [tell('resolve'), ...(hop ? leave(mac, hop.mac) : drop)],
          }
        }
      },
    ),
    rule(
      'next hop',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        const { id, mac, nextHop, nextHop6 } = gateway
        for (const [version, router] of [
          [4, nextHop],
          [6, nextHop6],
        ] as const) {
          if (router === undefined) continue
          const hop = model.get('neighbour', `${id}/${router}`)
          yield {
            priority: 100,
            match: { ...at(gateway), ...ipOf[version] },
            actions: hop ? leave(mac, hop.mac) : drop,
          }
        }
      },
    ),
  ],
)

/** From here on the packet is one that has come from outside: nothing is left of where it was sent, nor of its connection. */
const backIn: readonly RuleAction[] = [
  { type: 'ctClear' },
  anywhere,
  set(reg.origin, origin.outside),
  set(reg.source, 0),
]

function leave(own: string, station: string): readonly RuleAction[] {
  return [set('ethSrc', own), set('ethDst', station), goto('uplink-out')]
}
