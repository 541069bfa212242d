import type { GatewayRow, TenantRow } from '../src/model/rows.js'
import { drop, set } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { at, endsOf, insideOf, refused, sourcesOf, translatedAt } from './gateways.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** The transit address tells whose zone translates next: for answers, and for connections from outside. */
export default table(
  import.meta.url,
  { matches: [reg.gateway, 'ethType', 'ipv4Dst', 'ipv6Dst'], sets: [reg.tenant], next: ['outside-tenant'] },
  [
    rule(
      'answers to a tenant',
      'egress',
      ({ gateway }) => scope.gateway(gateway),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        for (const [version] of sourcesOf(egress, model)) yield through(ends, transitAddress(egress, version))
      },
    ),
    rule(
      'answers to packets of a route',
      'route',
      ({ tenant }) => scope.outside(tenant),
      function* (route, model) {
        const tenant = model.get('tenant', route.tenant)
        for (const gateway of tenant ? translatedAt(route, model) : [])
          if (tenant) yield through({ tenant, gateway }, transitAddress(route, family(route.to)))
      },
    ),
    rule(
      'floating address',
      'floatingIp',
      ({ gateway }) => scope.gateway(gateway),
      function* (floating, model) {
        const [ends, inside] = [endsOf(floating, model), insideOf(floating, model)]
        if (ends && inside)
          yield through(ends, transitAddress(floating, family(floating.address)), inside.address)
      },
    ),
    rule(
      'forwarded port',
      'portForward',
      ({ gateway }) => scope.gateway(gateway),
      function* (forward, model) {
        const [ends, inside] = [endsOf(forward, model), insideOf(forward, model)]
        if (ends && inside)
          yield through(ends, transitAddress(forward, family(forward.address)), inside.address)
      },
    ),
    rule(
      refused.packets,
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        yield { priority: 1, match: at(gateway), actions: drop }
      },
    ),
  ],
)

/** @param inside where connections from outside go; without it there are only answers */
function through(
  { tenant, gateway }: { readonly tenant: TenantRow; readonly gateway: GatewayRow },
  transit: string,
  inside?: string,
): RuleFlow {
  const { number: zone } = tenant
  return {
    priority: 100,
    match: { ...at(gateway), ...to(transit) },
    actions: [
      set(reg.tenant, zone),
      inside === undefined
        ? { type: 'ct', zone, nat: {}, table: 'outside-tenant' }
        : { type: 'ct', commit: true, zone, nat: { kind: 'dst', address: inside }, table: 'outside-tenant' },
    ],
  }
}
