import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { limitOfWorkload } from './limits.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What a workload may send: its own rate and mark, whoever it is for. */
export default table(
  import.meta.url,
  { matches: [reg.source, 'ethType'], sets: ['ipDscp'], next: ['service-guard'] },
  [
    limitOfWorkload(
      'out',
      ({ key }) => ({ [reg.source]: key }),
      () => [goto('service-guard')],
    ),
    rule(
      'no limit',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('service-guard')] }
      },
    ),
  ],
)
