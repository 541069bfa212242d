import { drop } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { addressesOf, endsOf } from './gateways.js'
import { ipv4, ipv6 } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** First translation, in the tenant's zone: to an address that no other tenant has. */
export default table(
  import.meta.url,
  { matches: [reg.tenant, reg.gateway, 'ethType'], next: ['gateway-nat'] },
  [
    rule(
      'transit address of a tenant',
      'egress',
      ({ gateway }) => scope.gateway(gateway),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        const { tenant, gateway } = ends
        for (const address of addressesOf(gateway)) {
          const version = family(address)
          yield {
            priority: 100,
            match: {
              [reg.tenant]: tenant.number,
              [reg.gateway]: gateway.number,
              ...(version === 4 ? ipv4 : ipv6),
            },
            actions: [
              {
                type: 'ct',
                commit: true,
                zone: tenant.number,
                nat: { kind: 'src', address: transitAddress(tenant, version) },
                table: 'gateway-nat',
              },
            ],
          }
        }
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
