import { drop, goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { toController } from './answers.js'
import { addressesOf } from './gateways.js'
import { from, to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** The MAC of the station outside that takes the packet: on the wire itself, or the next hop. */
export default table(
  import.meta.url,
  {
    matches: [reg.gateway, 'ethType', 'ipv4Src', 'ipv6Src', 'ipv4Dst', 'ipv6Dst'],
    sets: ['ethSrc', 'ethDst'],
    next: ['uplink-out'],
  },
  [
    rule(
      'station on the wire',
      'neighbour',
      ({ gateway }) => scope.gateway(gateway),
      function* ({ gateway: id, address, mac }, model) {
        const gateway = model.get('gateway', id)
        const source = gateway && addressesOf(gateway).find((own) => family(own) === family(address))
        if (!gateway || source === undefined) return
        yield {
          priority: 300,
          match: { [reg.gateway]: gateway.number, ...from(source), ...to(address) },
          actions: leave(gateway.mac, mac),
        }
      },
    ),
    rule(
      'station on the wire that is not known yet',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* ({ id, number, mac, address, subnet, nextHop, address6, subnet6, nextHop6 }, model) {
        for (const [source, wire, router] of [
          [address, subnet, nextHop],
          [address6, subnet6, nextHop6],
        ]) {
          if (source === undefined || wire === undefined) continue
          const hop = router === undefined ? undefined : model.get('neighbour', `${id}/${router}`)
          yield {
            priority: 200,
            match: { [reg.gateway]: number, ...from(source), ...to(wire) },
            actions: [...toController('resolve'), ...(hop ? leave(mac, hop.mac) : drop)],
          }
        }
      },
    ),
    rule(
      'next hop',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* ({ id, number, mac, address, nextHop, address6, nextHop6 }, model) {
        for (const [source, router] of [
          [address, nextHop],
          [address6, nextHop6],
        ]) {
          const hop = router === undefined ? undefined : model.get('neighbour', `${id}/${router}`)
          if (source === undefined) continue
          yield {
            priority: 100,
            match: { [reg.gateway]: number, ...from(source) },
            actions: hop ? leave(mac, hop.mac) : drop,
          }
        }
      },
    ),
    rule(
      'packets that conntrack refused',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: drop }
      },
    ),
  ],
)

function leave(own: string, station: string): readonly RuleAction[] {
  return [set('ethSrc', own), set('ethDst', station), goto('uplink-out')]
}
