import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { track } from './policy/entry.js'
import { sides } from './policy/side.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What a workload sends, before it is routed: if policy concerns its tenant, its connection is looked up. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, 'ethType'],
    next: ['egress-tracked', 'router'],
  },
  [
    ...track(sides.egress),
    rule(
      'tenants that no policy concerns',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('router')] }
      },
    ),
  ],
)
