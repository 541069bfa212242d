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
    matches: [reg.source, 'ethType'],
    sets: [reg.tenant, reg.classHigh, reg.classLow],
    next: ['egress-tracked', 'router'],
  },
  [
    rule(
      'workload that policy concerns',
      'placement',
      ({ host }) => scope.host(host),
      (placement, model) => track(sides.egress, placement, model),
    ),
    rule(
      'workloads that no policy concerns',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('router')] }
      },
    ),
  ],
)
