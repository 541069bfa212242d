import { output } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'

/** To the workload's port, after policy has let the packet pass. */
export default table(import.meta.url, { matches: [reg.destination] }, [
  rule(
    'port of a workload',
    'placement',
    ({ host }) => scope.host(host),
    function* ({ id, tenant, ofport }, model) {
      const workload = isGuarded(tenant, model) ? model.get('workload', id) : undefined
      if (workload)
        yield { priority: 100, match: { [reg.destination]: workload.key }, actions: [output(ofport)] }
    },
  ),
])
