import { formatBlock, parseBlock, subtract } from '../src/model/block.js'
import { peersOf } from '../src/model/peers.js'
import type { NetworkRow, TenantRow } from '../src/model/rows.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { prefixLength } from './addresses.js'
import { from } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { answers, openingTranslated, outOfWindow } from './tracking.js'

/** After the tenant's conntrack zone: the packet has its workload's own address again and is at the tenant's router. */
export default table(
  import.meta.url,
  { matches: [reg.tenant, 'ctState', 'ethType', 'ipv4Src', 'ipv6Src'], next: ['shared-limit-in'] },
  [
    rule(
      'nobody outside has an address of a network of the tenant',
      'network',
      ({ tenant }) => scope.outside(tenant),
      function* (network, model) {
        const tenant = model.get('tenant', network.tenant)
        if (tenant && network.routed) yield* forged(tenant, network)
      },
    ),
    rule(
      'nobody outside has an address of a network of a peer',
      'tenant',
      ({ id }) => scope.outside(id),
      function* (tenant, model) {
        for (const { theirs } of peersOf(tenant.id, model))
          for (const network of theirs) yield* forged(tenant, network)
      },
    ),
    rule(
      'nobody outside has an address beyond a workload',
      'route',
      ({ tenant }) => scope.outside(tenant),
      function* (route, model) {
        const tenant = model.get('tenant', route.tenant)
        if (!tenant || !route.via || route.select || prefixLength(route.to) === 0) return
        const ways = model.by('routesByTenant', route.tenant).filter(({ gateways }) => gateways)
        for (const block of subtract(
          parseBlock(route.to),
          ways.map((way) => parseBlock(way.to)),
        ))
          yield {
            priority: 200,
            match: { [reg.tenant]: tenant.number, ...from(formatBlock(block)) },
            actions: drop,
          }
      },
    ),
    rule(
      'packets to a workload',
      'tenant',
      ({ id }) => scope.outside(id),
      function* ({ number }) {
        for (const ctState of [...answers, openingTranslated, outOfWindow])
          yield {
            priority: 100,
            match: { [reg.tenant]: number, ctState },
            actions: [goto('shared-limit-in')],
          }
        yield { priority: 1, match: { [reg.tenant]: number }, actions: drop }
      },
    ),
  ],
)

function* forged({ number }: TenantRow, { subnet, subnet6 }: NetworkRow): Generator<RuleFlow> {
  for (const block of [subnet, subnet6])
    if (block) yield { priority: 200, match: { [reg.tenant]: number, ...from(block) }, actions: drop }
}
