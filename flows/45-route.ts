import { commonEgresses } from '../src/model/outside.js'
import { peersOf } from '../src/model/peers.js'
import type { Reads } from '../src/model/reads.js'
import { routesVia } from '../src/model/routes.js'
import type { NetworkRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, prefixLength } from './addresses.js'
import { echoReply, stranded, swapMacs, toController } from './answers.js'
import { endsOf, fromPort, gatewayOf, insideOf, ipOf, versions } from './gateways.js'
import { byGateway, hop } from './hop.js'
import { from, icmp6EchoRequest, icmpEchoRequest, to, udp } from './protocols.js'
import { origin, part, reg } from './registers.js'
import { scope, scopeOfWorkload } from './scopes.js'
import { checkSize, isNarrow } from './sizes.js'
import { sendBy } from './spread.js'

/** RFC 1035 §4.2.1. */
const namePort = 53

/** The tenant's router, on every host that needs it: the network that has the address, then the way out. */
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
      'ipFrag',
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
      ({ workload }, model) => scopeOfWorkload(workload, model),
      function* (forward, model) {
        const { gateway: id, protocol, workloadPort } = forward
        const [ends, inside] = [endsOf(forward, model), insideOf(forward, model)]
        if (!ends || !inside) return
        const { workload, address } = inside
        if (gatewayOf(workload, family(address), model) === id) return
        const match = {
          ...leaving,
          [reg.source]: workload.key,
          ...from(address),
          ...fromPort(protocol, workloadPort),
        }
        yield* sendBy([byGateway(ends.gateway)], { priority: 300, match, version: family(address) }, forward)
      },
    ),
    rule(
      'way out of a workload',
      'exit',
      ({ workload }, model) => scopeOfWorkload(workload, model),
      function* ({ id, workload: name, version, translation = 0 }, model) {
        const workload = model.get('workload', name)
        const exits = model.by('exitsByWorkload', `${name}#${version}`)
        if (!workload || exits[0]?.id !== id) return
        const own = workload.addresses.filter((address) => family(address) === version)
        // What it passes on for others leaves as the tenant does.
        for (const of of routesVia(workload, model).length > 0 ? own.map(from) : [ipOf[version]]) {
          const match = { ...leaving, [reg.source]: workload.key, ...of }
          yield* sendBy(hopsBy(exits, model), { priority: 200, match, version }, { translation })
        }
      },
    ),
    rule(
      'way out by a gateway',
      'egress',
      ({ tenant, select }) => (select ? undefined : scope.tenant(tenant)),
      function* (egress, model) {
        const tenant = model.get('tenant', egress.tenant)
        if (!tenant) return
        for (const version of versions) {
          const egresses = commonEgresses(egress.tenant, version, model)
          if (egresses[0]?.id !== egress.id) continue
          const match = { ...leaving, [reg.tenant]: tenant.number, ...ipOf[version] }
          yield* sendBy(hopsBy(egresses, model), { priority: 100, match, version }, egress)
        }
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

/** To the outside go packets of workloads only; what comes from there never turns round. */
const leaving = { [reg.origin]: origin.workload } as const

function hopsBy(ways: readonly { readonly gateway: string }[], model: Reads) {
  return ways.flatMap(({ gateway: id }) => {
    const gateway = model.get('gateway', id)
    return gateway ? [byGateway(gateway)] : []
  })
}
