import { drop, reflect, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { echoReply, swapMacs } from './answers.js'
import { addressesOf, endsOf } from './gateways.js'
import { icmp6EchoRequest, icmpEchoRequest, to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { answers } from './tracking.js'

/** After a gateway's own conntrack zone: the transit address tells the tenant whose second translation comes next. */
export default table(
  import.meta.url,
  {
    matches: [reg.gateway, 'ctState', 'ethType', 'ipv4Dst', 'ipv6Dst', 'ipProto', 'icmpv4Type', 'icmpv6Type'],
    sets: [
      reg.tenant,
      'ethSrc',
      'ethDst',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'icmpv4Type',
      'icmpv6Type',
      'ipTtl',
    ],
    next: ['outside-tenant'],
  },
  [
    rule(
      'answers to a tenant',
      'egress',
      ({ gateway }) => scope.gateway(gateway),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        const { tenant, gateway } = ends
        for (const address of addressesOf(gateway)) {
          for (const ctState of answers)
            yield {
              priority: 200,
              match: {
                [reg.gateway]: gateway.number,
                ctState,
                ...to(transitAddress(tenant, family(address))),
              },
              actions: [
                set(reg.tenant, tenant.number),
                { type: 'ct', zone: tenant.number, nat: {}, table: 'outside-tenant' },
              ],
            }
        }
      },
    ),
    rule(
      'ping of a gateway address',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const address of addressesOf(gateway)) {
          const request = family(address) === 4 ? icmpEchoRequest : icmp6EchoRequest
          yield {
            priority: 100,
            match: { [reg.gateway]: gateway.number, ...request, ...to(address) },
            actions: [...swapMacs, ...echoReply(address), reflect],
          }
        }
      },
    ),
    rule(
      'connections that nobody inside has opened',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* ({ number }) {
        yield { priority: 1, match: { [reg.gateway]: number }, actions: drop }
      },
    ),
  ],
)
