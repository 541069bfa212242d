import { drop } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { addressesOf, endsOf } from './gateways.js'
import { from } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** Second translation, in the gateway's zone: to the outside address. What the first did not translate goes no further. */
export default table(
  import.meta.url,
  { matches: [reg.gateway, 'ethType', 'ipv4Src', 'ipv6Src'], next: ['uplink'] },
  [
    rule(
      'outside address for a tenant',
      'egress',
      ({ gateway }) => scope.gateway(gateway),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        const { tenant, gateway } = ends
        for (const address of addressesOf(gateway))
          yield {
            priority: 100,
            match: { [reg.gateway]: gateway.number, ...from(transitAddress(tenant, family(address))) },
            actions: [
              {
                type: 'ct',
                commit: true,
                zone: gateway.number,
                nat: { kind: 'src', address },
                table: 'uplink',
              },
            ],
          }
      },
    ),
    rule(
      'packets that conntrack refused',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: drop }
      },
    ),
  ],
)
