import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { from } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { limitedFor, limitedForAll } from './shared-limits.js'

/** What a tenant's workloads send to the outside: limits that they share, and marks. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, 'ethType', 'ipv4Src', 'ipv6Src'],
    sets: ['ipDscp'],
    next: ['tenant-nat'],
  },
  [
    limitedFor('out', from, 'tenant-nat'),
    limitedForAll('out', 'tenant-nat'),
    rule(
      'no limit',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('tenant-nat')] }
      },
    ),
  ],
)
