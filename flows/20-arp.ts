import type { NetworkRow } from '../src/model/rows.js'
import { networkOf } from '../src/model/services.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, routerMac, wireMac } from './addresses.js'
import { ask, type Holding, holdingsOf, isShared, priorities, solelyHeldBy } from './allowances.js'
import { arpReply, tellStation } from './answers.js'
import { arp } from './protocols.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'
import { fromWire, wireScope } from './wires.js'

const request = { ...arp, arpOp: 1 } as const

/**
 * ARP requests are answered where they are asked. Where several workloads may use an address, those are asked, and what
 * they say is passed on; on the VLAN of a network, whoever may have it.
 */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.origin, 'ethDst', 'ethType', 'arpOp', 'arpSpa', 'arpTpa'],
    sets: ['ethSrc', 'ethDst', 'arpOp', 'arpSha', 'arpTha', 'arpSpa', 'arpTpa'],
    next: ['switch', 'wire-out', 'answer'],
  },
  [
    rule(
      'ARP reply for a workload',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = model.get('network', workload.network)
        if (!network) return
        for (const address of workload.addresses) {
          if (family(address) !== 4) continue
          yield {
            priority: priorities.own,
            match: { [reg.network]: network.vni, ...request, arpTpa: address },
            actions: [...arpReply(workload.mac, address), goto('answer')],
          }
        }
      },
    ),
    rule(
      'further addresses of workloads',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = workload.allowed && model.get('network', workload.network)
        if (!network) return
        for (const holding of holdingsOf(workload, network, model))
          if (family(holding.ip) === 4) yield* held(holding, network)
      },
    ),
    rule(
      'ARP reply for the router',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, gateway, routed, dhcp, vlan }) {
        // Where it does not route, its address is still the DHCP server's, which clients ask to renew; or a physical router's.
        if (!(routed || (dhcp && !vlan)) || !gateway) return
        yield {
          priority: priorities.own,
          match: { [reg.network]: vni, ...request, arpTpa: gateway },
          actions: [...arpReply(routerMac, gateway), goto('answer')],
        }
      },
    ),
    rule(
      'ARP reply for a service',
      'service',
      ({ tenant }) => scope.tenant(tenant),
      function* ({ tenant, addresses }, model) {
        for (const address of addresses) {
          const network = family(address) === 4 ? networkOf(tenant, address, model) : undefined
          if (network)
            yield {
              priority: priorities.own,
              match: { [reg.network]: network.vni, ...request, arpTpa: address },
              actions: [...arpReply(routerMac, address), goto('answer')],
            }
        }
      },
    ),
    rule(
      'ARP of physical stations',
      'wire',
      ({ host }) => scope.host(host),
      function* (wire, model) {
        const network = model.get('network', wire.network)
        if (!network || wire.port === undefined) return
        const at = { [reg.network]: network.vni, [reg.origin]: origin.wire }
        if (network.routed) {
          const tell = tellStation('station', network.vni)
          const ethDst = wireMac(wire.host)
          yield { priority: fromWire.router, match: { ...at, ...arp, arpOp: 2, ethDst }, actions: [tell] }
          if (wire.speaks && network.gateway) {
            const { actions, ...flow } = answer(network, network.gateway, ethDst, priorities.own)
            yield { ...flow, actions: [tell, ...actions] }
          }
        }
        yield { priority: fromWire.rest, match: { ...at, ...arp }, actions: [goto('switch')] }
      },
    ),
    rule('physical stations that ask for a workload', 'placement', wireScope, function* ({ id }, model) {
      const workload = model.get('workload', id)
      const network = workload && model.get('network', workload.network)
      if (!workload || !network) return
      for (const ip of workload.addresses)
        if (family(ip) === 4) yield answer(network, ip, workload.mac, priorities.own)
      for (const { ip, priority, mac } of solelyHeldBy(workload, network, model))
        if (family(ip) === 4) yield answer(network, ip, mac, priority)
    }),
    rule(
      'ARP for physical stations',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ network: id }, model) {
        const network = model.get('network', id)
        if (network)
          yield {
            priority: priorities.wire,
            match: { [reg.network]: network.vni, ...arp },
            actions: [goto('wire-out')],
          }
      },
    ),
    rule(
      'ARP for addresses that nobody has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: priorities.nobody, match: { [reg.network]: vni }, actions: drop }
      },
    ),
  ],
)

/** Of one workload: answered for it. Of several: they are asked, and tell themselves. */
function* held(holding: Holding, { vni }: NetworkRow): Generator<RuleFlow> {
  const { ip, priority, macs } = holding
  const asked = { [reg.network]: vni, ...request, arpTpa: ip }
  const [mac] = macs
  if (mac === undefined) return
  if (!isShared(holding)) {
    yield { priority, match: asked, actions: [...arpReply(mac, ip), goto('answer')] }
    return
  }
  const passOn = [tellStation('station', vni), goto('switch')]
  yield { priority, match: asked, actions: macs.flatMap(ask) }
  yield { priority, match: { [reg.network]: vni, ...arp, arpOp: 2, arpSpa: ip }, actions: passOn }
  if (!ip.includes('/')) yield { priority: priority + 5, match: { ...asked, arpSpa: ip }, actions: passOn }
}

/** The answer to a physical station. */
function answer({ vni }: NetworkRow, arpTpa: string, mac: string, priority: number): RuleFlow {
  return {
    priority: fromWire.station + priority,
    match: { [reg.network]: vni, [reg.origin]: origin.wire, ...request, arpTpa },
    actions: [...arpReply(mac, arpTpa), goto('answer')],
  }
}
