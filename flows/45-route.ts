import { peersOf } from '../src/model/peers.js'
import type { Reads } from '../src/model/reads.js'
import type { GatewayRow, NetworkRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { drop, goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { exitMac, family, prefixLength, routerMac } from './addresses.js'
import { echoReply, stranded, swapMacs, toController } from './answers.js'
import { endsOf, fromPort, gatewayOf, insideOf, ipOf, sourcesOf, versions } from './gateways.js'
import { from, icmp6EchoRequest, icmpEchoRequest, to, udp } from './protocols.js'
import { origin, part, reg } from './registers.js'
import { scope } from './scopes.js'
import { checkSize, isNarrow } from './sizes.js'

const hop: readonly RuleAction[] = [{ type: 'decTtl' }, set('ethSrc', routerMac)]

const linkLocalBlock = 'fe80::/10'

/** RFC 1035 §4.2.1. */
const namePort = 53

/** This host or this link, many hosts, or nobody at all (RFC 6890, RFC 4291 §2.5.6). */
const unroutable = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::1/128',
  linkLocalBlock,
  'ff00::/8',
]

/** The tenant's router, on every host that needs it: longest prefix first, then the way out. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.tenant,
      reg.network,
      reg.origin,
      reg.source,
      'ethType',
      'ipProto',
      'icmpv4Type',
      'icmpv6Type',
      'ipTtl',
      'tcpSrc',
      'udpSrc',
      'sctpSrc',
      'udpDst',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
    ],
    sets: [
      reg.network,
      reg.destination,
      'ethSrc',
      'ethDst',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'icmpv4Type',
      'icmpv6Type',
      'ipTtl',
      part.larger.field,
    ],
    next: ['neighbour', 'output', 'answer'],
  },
  [
    rule(
      'addresses that no router forwards',
      'cluster',
      () => scope.all,
      function* () {
        for (const match of [...unroutable.map(to), from(linkLocalBlock)])
          yield { priority: 3000, match, actions: drop }
      },
    ),
    rule(
      'hops used up',
      'cluster',
      () => scope.all,
      function* () {
        for (const version of versions)
          yield {
            priority: 1900,
            match: { ...ipOf[version], ipTtl: 1 },
            actions: stranded('hopsExceeded', 'router'),
          }
      },
    ),
    rule(
      'route to a network of the tenant',
      'network',
      ({ id }) => scope.network(id),
      function* (network, model) {
        const tenant = model.get('tenant', network.tenant)
        if (tenant && network.routed)
          yield* routes({ [reg.tenant]: tenant.number }, network, isNarrow(network, model))
      },
    ),
    rule(
      'route from outside to a network of the tenant',
      'network',
      ({ tenant }) => scope.outside(tenant),
      function* (network, model) {
        const tenant = model.get('tenant', network.tenant)
        if (!tenant || !network.routed) return
        // Nobody knows what size packets have outside.
        for (const block of blocksOf(network))
          yield {
            priority: 1500 + prefixLength(block),
            match: { [reg.tenant]: tenant.number, [reg.origin]: origin.outside, ...to(block) },
            actions: into(network, true),
          }
      },
    ),
    rule(
      'questions for names',
      'network',
      ({ id }) => scope.network(id),
      function* ({ tenant: owner, routed, gateway, gateway6 }, model) {
        const tenant = model.get('tenant', owner)
        if (!tenant || !routed) return
        const at = { [reg.tenant]: tenant.number, [reg.origin]: origin.workload }
        for (const router of [gateway, gateway6])
          if (router)
            yield {
              priority: 2000,
              match: { ...at, ...to(router), ...udp, udpDst: namePort },
              actions: toController('name', 'names'),
            }
      },
    ),
    rule(
      'route to a network of a peer',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id }, model) {
        for (const { ours, theirs } of peersOf(id, model))
          for (const { vni, mtu } of ours)
            for (const network of theirs) yield* routes({ [reg.network]: vni }, network, mtu > network.mtu)
      },
    ),
    rule(
      'way back of a forwarded port',
      'portForward',
      ({ workload }, model) => hostScope(workload, model),
      function* (forward, model) {
        const { gateway: id, protocol, workloadPort } = forward
        const [ends, inside] = [endsOf(forward, model), insideOf(forward, model)]
        if (!ends || !inside) return
        const { workload, address } = inside
        if (gatewayOf(workload, family(address), model) === id) return
        const match = { ...from(address), ...fromPort(protocol, workloadPort) }
        yield wayOut(300, { [reg.source]: workload.key, ...match }, ends.gateway)
      },
    ),
    rule(
      'way out of a workload',
      'exit',
      ({ workload }, model) => hostScope(workload, model),
      function* ({ workload: id, gateway: gatewayId, version }, model) {
        const [workload, gateway] = [model.get('workload', id), model.get('gateway', gatewayId)]
        if (workload && gateway) yield wayOut(200, { [reg.source]: workload.key, ...ipOf[version] }, gateway)
      },
    ),
    rule(
      'way out by a gateway',
      'egress',
      ({ tenant, select }) => (select ? undefined : scope.tenant(tenant)),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        for (const [version] of sourcesOf(egress, model))
          yield wayOut(100, { [reg.tenant]: ends.tenant.number, ...ipOf[version] }, ends.gateway)
      },
    ),
    rule(
      'no route',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ number }) {
        yield { priority: 1, match: { [reg.tenant]: number }, actions: stranded('noRoute', 'router') }
      },
    ),
  ],
)

/**
 * The way to a network: what is for its router itself is answered, everything else goes to the workload.
 * @param isNarrow whether packets may be too large for it
 */
function* routes(at: Match, network: NetworkRow, isNarrow: boolean): Generator<RuleFlow> {
  for (const [router, request] of [
    [network.gateway, icmpEchoRequest],
    [network.gateway6, icmp6EchoRequest],
  ] as const)
    if (router)
      yield {
        priority: 2000,
        match: { ...at, ...request, ...to(router) },
        actions: [...swapMacs, ...echoReply(router), goto('answer')],
      }
  for (const block of blocksOf(network))
    yield {
      priority: 1000 + prefixLength(block),
      match: { ...at, ...to(block) },
      actions: into(network, isNarrow),
    }
}

function blocksOf({ subnet, subnet6 }: NetworkRow): readonly string[] {
  return [subnet, subnet6].filter((block) => block !== undefined)
}

function into({ vni, mtu }: NetworkRow, isNarrow: boolean): readonly RuleAction[] {
  return [...hop, set(reg.network, vni), ...(isNarrow ? [checkSize(mtu)] : []), goto('neighbour')]
}

/** To the outside; what comes from there never turns round. */
function wayOut(priority: number, of: Match, gateway: GatewayRow): RuleFlow {
  return {
    priority,
    match: { [reg.origin]: origin.workload, ...of },
    actions: [...hop, set('ethDst', exitMac(gateway)), set(reg.destination, gateway.key), goto('output')],
  }
}

/** Where a workload runs. */
function hostScope(workload: string, model: Reads): string | undefined {
  const placement = model.get('placement', workload)
  return placement && scope.host(placement.host)
}
