import { isOfHost } from '../src/model/outside.js'
import type { GatewayRow } from '../src/model/rows.js'
import { drop, goto, reflect, set } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { arpReply, neighbourAdvertisementReply, toController } from './answers.js'
import { isShared } from './failover.js'
import { at, insideOf } from './gateways.js'
import { say } from './holders.js'
import { arp, neighbourAdvertisement, neighbourSolicitation, to } from './protocols.js'
import { origin, reg } from './registers.js'
import { scope, scopeOfAddress } from './scopes.js'

/** What the outside sends to a gateway: addresses in use are answered for, connections go through the gateway's zone. */
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
      'udpSrc',
      'udpDst',
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
      'inPort16',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'icmpv6Type',
      'ndReserved',
      'ndOptionsType',
      'tunIpv4Dst',
      'tunIpv6Dst',
      reg.origin,
    ],
    next: ['outside-tracked', 'outside-transit', 'nd-reply', 'tunnel-out', 'exit', 'uplink-out'],
  },
  [
    rule(
      'address of a gateway',
      'outsideAddress',
      scopeOfAddress,
      function* ({ gateway: id, address, host }, model) {
        const gateway = model.get('gateway', id)
        if (!gateway) return
        yield host === undefined ? whoHas(gateway, address) : whoAnswers(gateway, address)
        yield {
          priority: 200,
          match: { ...at(gateway), ethDst: gateway.mac, ...to(address) },
          actions: [{ type: 'ct', zone: gateway.number, nat: {}, table: 'outside-tracked' }],
        }
      },
    ),
    rule(
      'floating address',
      'floatingIp',
      ({ gateway }) => scope.gateway(gateway),
      function* (floating, model) {
        const { address } = floating
        const gateway = model.get('gateway', floating.gateway)
        if (!gateway || !insideOf(floating, model)) return
        yield whoHas(gateway, address)
        yield {
          priority: 200,
          match: { ...at(gateway), ethDst: gateway.mac, ...to(address) },
          actions: [
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
      'where stations outside are',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const address of [gateway.address, gateway.address6])
          if (address !== undefined && !isOfHost(gateway, address)) yield whoAnswers(gateway, address)
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
      'packets to the outside',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        if (!isShared(gateway, model)) return
        yield {
          priority: 500,
          match: { ...at(gateway), [reg.origin]: origin.exit },
          actions: [set(reg.origin, origin.tunnel), goto('exit')],
        }
      },
    ),
    rule(
      'who carries a gateway, answered',
      'bridge',
      ({ id }) => scope.host(id),
      (bridge, model) => say(bridge, model),
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

/** What stations outside have to say to an address: where they are. */
function whoAnswers(gateway: GatewayRow, address: string): RuleFlow {
  return {
    priority: 300,
    match: {
      ...at(gateway),
      ...(family(address) === 4
        ? { ...arp, arpOp: 2, arpTpa: address }
        : { ...neighbourAdvertisement, ipv6Dst: address }),
    },
    actions: toController('neighbour'),
  }
}

/** The answer to who has an address outside: the gateway, with the MAC that all of its hosts share. */
function whoHas(gateway: GatewayRow, address: string): RuleFlow {
  return family(address) === 4
    ? {
        priority: 300,
        match: { ...at(gateway), ...arp, arpOp: 1, arpTpa: address },
        actions: [...arpReply(gateway.mac, address), reflect],
      }
    : {
        priority: 300,
        match: { ...at(gateway), ...neighbourSolicitation, ndTarget: address },
        actions: neighbourAdvertisementReply(gateway.mac, address),
      }
}
