import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { limitedFor, limitedForAll } from './shared-limits.js'

/** What a tenant's workloads get from outside: limits that they share, and marks. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, 'ethType', 'ipv4Dst', 'ipv6Dst'],
    sets: ['ipDscp'],
    next: ['static-route'],
  },
  [
    limitedFor('in', to, 'static-route'),
    limitedForAll('in', 'static-route'),
    rule(
      'no limit',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('static-route')] }
      },
    ),
  ],
)
