import type { NetworkRow } from '../src/model/rows.js'
import { networkOf } from '../src/model/services.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, linkLocal, routerMac, wireMac } from './addresses.js'
import {
  ask,
  type Holding,
  holdingsOf,
  isShared,
  priorities,
  solelyHeldBy,
  soleMacsOf,
} from './allowances.js'
import { neighbourAdvertisementReply, tellStation } from './answers.js'
import { neighbourAdvertisement, neighbourSolicitation } from './protocols.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'
import { fromWire, wireScope } from './wires.js'

/** Neighbour solicitations are answered where they are asked, or asked of those who may have an address: see `arp`. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.origin, 'ethDst', 'ethType', 'ipProto', 'icmpv6Type', 'ndTarget'],
    sets: ['ethSrc', 'ethDst', 'ipv6Src', 'ipv6Dst', 'icmpv6Type', 'ndReserved', 'ndOptionsType'],
    next: ['nd-reply', 'switch', 'wire-out'],
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
            priority: priorities.own,
            match: { [reg.network]: network.vni, ...neighbourSolicitation, ndTarget: address },
            actions: neighbourAdvertisementReply(mac, address),
          }
      },
    ),
    rule(
      'further addresses of workloads',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = workload.allowed && model.get('network', workload.network)
        if (!network?.subnet6) return
        for (const holding of holdingsOf(workload, network, model))
          if (family(holding.ip) === 6) yield* held(holding, network)
        for (const mac of soleMacsOf(workload, model).slice(1)) {
          const address = linkLocal(mac)
          yield {
            priority: priorities.own,
            match: { [reg.network]: network.vni, ...neighbourSolicitation, ndTarget: address },
            actions: neighbourAdvertisementReply(mac, address),
          }
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
            priority: priorities.own,
            match: { [reg.network]: vni, ...neighbourSolicitation, ndTarget: address },
            actions: neighbourAdvertisementReply(routerMac, address, true),
          }
      },
    ),
    rule(
      'neighbour advertisement for a service',
      'service',
      ({ tenant }) => scope.tenant(tenant),
      function* ({ tenant, addresses }, model) {
        for (const address of addresses) {
          const network = family(address) === 6 ? networkOf(tenant, address, model) : undefined
          if (network)
            yield {
              priority: priorities.own,
              match: { [reg.network]: network.vni, ...neighbourSolicitation, ndTarget: address },
              actions: neighbourAdvertisementReply(routerMac, address),
            }
        }
      },
    ),
    rule(
      'neighbour discovery of physical stations',
      'wire',
      ({ host }) => scope.host(host),
      function* (wire, model) {
        const network = model.get('network', wire.network)
        if (!network?.subnet6 || wire.port === undefined) return
        const at = { [reg.network]: network.vni, [reg.origin]: origin.wire }
        if (network.routed) {
          const tell = tellStation('station', network.vni)
          const ethDst = wireMac(wire.host)
          const told = { ...at, ...neighbourAdvertisement, ethDst }
          yield { priority: fromWire.router, match: told, actions: [tell] }
          if (wire.speaks && network.gateway6) {
            const { match } = answer(network, network.gateway6, ethDst, priorities.own)
            const reply = neighbourAdvertisementReply(ethDst, network.gateway6, true)
            yield { priority: fromWire.station + priorities.own, match, actions: [tell, ...reply] }
          }
        }
        yield { priority: fromWire.rest, match: at, actions: [goto('switch')] }
      },
    ),
    rule('physical stations that ask for a workload', 'placement', wireScope, function* ({ id }, model) {
      const workload = model.get('workload', id)
      const network = workload && model.get('network', workload.network)
      if (!workload || !network?.subnet6) return
      for (const ip of [...workload.addresses, linkLocal(workload.mac)])
        if (family(ip) === 6) yield answer(network, ip, workload.mac, priorities.own)
      for (const { ip, priority, mac } of solelyHeldBy(workload, network, model))
        if (family(ip) === 6) yield answer(network, ip, mac, priority)
    }),
    rule(
      'solicitations for physical stations',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ network: id }, model) {
        const network = model.get('network', id)
        if (network?.subnet6)
          yield {
            priority: priorities.wire,
            match: { [reg.network]: network.vni },
            actions: [goto('wire-out')],
          }
      },
    ),
    rule(
      'solicitations for addresses that nobody has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, subnet6 }) {
        if (subnet6) yield { priority: priorities.nobody, match: { [reg.network]: vni }, actions: drop }
      },
    ),
  ],
)

function* held(holding: Holding, { vni }: NetworkRow): Generator<RuleFlow> {
  const { ip, priority, macs } = holding
  const asked = { [reg.network]: vni, ...neighbourSolicitation, ndTarget: ip }
  const [mac] = macs
  if (mac === undefined) return
  if (!isShared(holding)) {
    yield { priority, match: asked, actions: neighbourAdvertisementReply(mac, ip) }
    return
  }
  const told = { [reg.network]: vni, ...neighbourAdvertisement, ndTarget: ip }
  yield { priority, match: asked, actions: macs.flatMap(ask) }
  yield { priority, match: told, actions: [tellStation('station', vni), goto('switch')] }
}

/** The answer to a physical station. */
function answer({ vni }: NetworkRow, ndTarget: string, mac: string, priority: number): RuleFlow {
  return {
    priority: fromWire.station + priority,
    match: { [reg.network]: vni, [reg.origin]: origin.wire, ...neighbourSolicitation, ndTarget },
    actions: neighbourAdvertisementReply(mac, ndTarget),
  }
}
