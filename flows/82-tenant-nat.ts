import { commonEgresses } from '../src/model/outside.js'
import type { GatewayRow, TenantRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { drop } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { at, endsOf, fromPort, gatewayOf, insideOf, ipOf, translatedAt, versions } from './gateways.js'
import { from } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** First translation, in the tenant's zone: to the address that stands for what the packet leaves by. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.tenant,
      reg.gateway,
      'ethType',
      'ipv4Src',
      'ipv6Src',
      'ipProto',
      'tcpSrc',
      'udpSrc',
      'sctpSrc',
    ],
    next: ['tenant-mapping'],
  },
  [
    rule(
      'answers of a forwarded port',
      'portForward',
      ({ gateway }) => scope.gateway(gateway),
      function* (forward, model) {
        const [ends, inside] = [endsOf(forward, model), insideOf(forward, model)]
        if (!ends || !inside) return
        const { gateway, protocol, workloadPort } = forward
        if (gatewayOf(inside.workload, family(inside.address), model) === gateway) return
        yield translate(300, ends, { ...from(inside.address), ...fromPort(protocol, workloadPort) })
      },
    ),
    rule(
      'transit address of a workload',
      'exit',
      ({ gateway }) => scope.gateway(gateway),
      function* ({ tenant, gateway, workload, version, translation }, model) {
        const ends = endsOf({ tenant, gateway }, model)
        if (!ends) return
        const transit = translation && transitAddress({ translation }, version)
        for (const address of model.get('workload', workload)?.addresses ?? [])
          if (family(address) === version) yield translate(200, ends, from(address), transit || undefined)
      },
    ),
    rule(
      'transit address of a tenant',
      'egress',
      ({ gateway, select }) => (select ? undefined : scope.gateway(gateway)),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        for (const version of versions)
          if (commonEgresses(egress.tenant, version, model).some(({ id }) => id === egress.id))
            yield translate(100, ends, ipOf[version], transitAddress(egress, version))
      },
    ),
    rule(
      'transit address of a route',
      'route',
      ({ tenant }) => scope.outside(tenant),
      function* (route, model) {
        const tenant = model.get('tenant', route.tenant)
        const version = family(route.to)
        for (const gateway of tenant ? translatedAt(route, model) : [])
          if (tenant) yield translate(50, { tenant, gateway }, ipOf[version], transitAddress(route, version))
      },
    ),
    rule(
      'tenants that have no way out here',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: drop }
      },
    ),
  ],
)

/** @param transit the source of new connections; without it only answers are translated */
function translate(
  priority: number,
  { tenant, gateway }: { readonly tenant: TenantRow; readonly gateway: GatewayRow },
  match: Match,
  transit?: string,
): RuleFlow {
  const { number: zone } = tenant
  return {
    priority,
    match: { [reg.tenant]: zone, ...at(gateway), ...match },
    actions: [
      transit === undefined
        ? { type: 'ct', zone, nat: {}, table: 'tenant-mapping' }
        : { type: 'ct', commit: true, zone, nat: { kind: 'src', address: transit }, table: 'tenant-mapping' },
    ],
  }
}
