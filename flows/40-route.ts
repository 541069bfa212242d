import type { NetworkRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { drop, goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { exitMac, family, prefixLength, routerMac } from './addresses.js'
import { addressesOf } from './gateways.js'
import { peersOf } from './peers.js'
import { ipv4, ipv6, to } from './protocols.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'

/** What no router passes on (RFC 3927 §2.7, RFC 1112 §6.4, RFC 4291 §2.5.6 and §2.7 for link-local scope and below). */
const unroutable = ['169.254.0.0/16', '224.0.0.0/4', 'fe80::/10', 'ff00::/8'] as const

const hop: readonly RuleAction[] = [{ type: 'decTtl' }, set('ethSrc', routerMac)]

/** The tenant's router, on every host that needs it: longest prefix first, then the way out. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, reg.network, reg.origin, 'ethType', 'ipv4Dst', 'ipv6Dst'],
    sets: [reg.network, reg.destination, 'ethSrc', 'ethDst', 'ipTtl'],
    next: ['neighbour', 'output'],
  },
  [
    rule(
      'link-local and group addresses',
      'cluster',
      () => scope.all,
      function* () {
        for (const block of unroutable) yield { priority: 2000, match: to(block), actions: drop }
      },
    ),
    rule(
      'route to a network of the tenant',
      'network',
      ({ id }) => scope.network(id),
      function* (network, model) {
        const tenant = model.get('tenant', network.tenant)
        if (tenant && network.routed) yield* routes({ [reg.tenant]: tenant.number }, network)
      },
    ),
    rule(
      'route to a network of a peer',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id }, model) {
        for (const { ours, theirs } of peersOf(id, model))
          for (const { vni } of ours)
            for (const network of theirs) yield* routes({ [reg.network]: vni }, network)
      },
    ),
    rule(
      'way out by a gateway',
      'egress',
      ({ tenant }) => scope.tenant(tenant),
      function* (egress, model) {
        const tenant = model.get('tenant', egress.tenant)
        const gateway = model.get('gateway', egress.gateway)
        if (!tenant || !gateway) return
        for (const address of addressesOf(gateway))
          yield {
            priority: 100,
            match: {
              [reg.tenant]: tenant.number,
              [reg.origin]: origin.workload,
              ...(family(address) === 4 ? ipv4 : ipv6),
            },
            actions: [
              ...hop,
              set('ethDst', exitMac(gateway)),
              set(reg.destination, gateway.key),
              goto('output'),
            ],
          }
      },
    ),
    rule(
      'no route',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ number }) {
        yield { priority: 1, match: { [reg.tenant]: number }, actions: drop }
      },
    ),
  ],
)

function* routes(at: Match, network: NetworkRow): Generator<RuleFlow> {
  for (const subnet of [network.subnet, network.subnet6])
    if (subnet)
      yield {
        priority: 1000 + prefixLength(subnet),
        match: { ...at, ...to(subnet) },
        actions: [...hop, set(reg.network, network.vni), goto('neighbour')],
      }
}
