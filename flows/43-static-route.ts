import { versionOf } from '../src/model/outside.js'
import { peersOf } from '../src/model/peers.js'
import type { Reads } from '../src/model/reads.js'
import type { NetworkRow, RouteRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, prefixLength } from './addresses.js'
import { fromPort, insideOf, ipOf, versions } from './gateways.js'
import { from, to } from './protocols.js'
import { part, reg } from './registers.js'
import { aside, isFor, order, routeFlows } from './routes.js'
import { scope, scopeOfWorkload } from './scopes.js'

const linkLocalBlock = 'fe80::/10'

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

/** Routes of the files: what goes elsewhere than the tenant's router would send it by itself. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.tenant,
      reg.network,
      reg.origin,
      reg.source,
      reg.classHigh,
      reg.classLow,
      'ethType',
      'ipProto',
      'ipTtl',
      'tcpSrc',
      'udpSrc',
      'sctpSrc',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'ipFrag',
    ],
    sets: [reg.network, reg.destination, 'ethSrc', 'ethDst', 'ipTtl', part.larger.field],
    next: ['route', 'neighbour', 'output'],
  },
  [
    rule(
      'addresses that no router forwards',
      'cluster',
      () => scope.all,
      function* () {
        for (const match of [...unroutable.map(to), from(linkLocalBlock)])
          yield { priority: order.unroutable, match, actions: drop }
      },
    ),
    rule(
      'networks of a tenant that has routes',
      'network',
      ({ id }) => scope.network(id),
      function* (network, model) {
        const tenant = model.get('tenant', network.tenant)
        if (tenant && network.routed && hasRoutes(tenant.id, model))
          yield* known({ [reg.tenant]: tenant.number }, network)
      },
    ),
    rule(
      'hops used up, at a tenant that has routes',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id, number }, model) {
        if (!hasRoutes(id, model)) return
        for (const version of versions)
          yield {
            priority: order.lastHop,
            match: { [reg.tenant]: number, ...ipOf[version], ipTtl: 1 },
            actions: [goto('route')],
          }
      },
    ),
    rule(
      'networks of peers of a tenant that has routes',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id }, model) {
        if (!hasRoutes(id, model)) return
        for (const { ours, theirs } of peersOf(id, model))
          for (const { vni } of ours)
            for (const network of theirs) yield* known({ [reg.network]: vni }, network)
      },
    ),
    rule(
      'route',
      'route',
      ({ tenant }) => scope.tenant(tenant),
      function* (route, model) {
        const tenant = model.get('tenant', route.tenant)
        if (tenant) yield* routeFlows(route, tenant, model)
      },
    ),
    rule(
      'workloads that have an address outside',
      'floatingIp',
      ({ workload }, model) => scopeOfWorkload(workload, model),
      function* ({ workload: of, tenant, address }, model) {
        const [exit] = model.by('exitsByWorkload', `${of}#${versionOf(address)}`)
        const workload = model.get('workload', of)
        if (!workload || !exit) return
        for (const route of waysOut(tenant, exit.version, exit.gateway, model))
          if (!route.select) yield aside(route, { [reg.source]: workload.key }, model)
      },
    ),
    rule(
      'answers of a forwarded port',
      'portForward',
      ({ workload }, model) => scopeOfWorkload(workload, model),
      function* (forward, model) {
        const inside = insideOf(forward, model)
        if (!inside) return
        const { workload, address } = inside
        const answers = { ...from(address), ...fromPort(forward.protocol, forward.workloadPort) }
        for (const route of waysOut(forward.tenant, family(address), forward.gateway, model))
          if (isFor(route, workload.labels, model))
            yield aside(route, { [reg.source]: workload.key, ...answers }, model)
      },
    ),
    rule(
      'everything else',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('route')] }
      },
    ),
  ],
)

function hasRoutes(tenant: string, model: Reads): boolean {
  return model.by('detours', tenant).length > 0
}

/** What the tenant's router finds by itself: its own address, and a network. */
function* known(at: Match, { subnet, gateway, subnet6, gateway6 }: NetworkRow): Generator<RuleFlow> {
  for (const address of [gateway, gateway6])
    if (address) yield { priority: order.router, match: { ...at, ...to(address) }, actions: [goto('route')] }
  for (const block of [subnet, subnet6])
    if (block) yield { priority: order.network, match: { ...at, ...to(block) }, actions: [goto('route')] }
}

/** The routes by which packets would leave the cluster otherwise than by this gateway. */
function waysOut(tenant: string, version: 4 | 6, gateway: string, model: Reads): readonly RouteRow[] {
  return model
    .by('routesByTenant', tenant)
    .filter(({ to: block }) => versionOf(block) === version)
    .filter(({ to: block, gateways, via }) =>
      gateways ? gateways.some((other) => other !== gateway) : via !== undefined && prefixLength(block) === 0,
    )
}
