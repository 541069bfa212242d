import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { answers } from './tracking.js'

/** After the tenant's conntrack zone: the packet has its workload's own address again and is at the tenant's router. */
export default table(import.meta.url, { matches: [reg.tenant, 'ctState'], next: ['shared-limit-in'] }, [
  rule(
    'answers to a workload',
    'egress',
    ({ gateway }) => scope.gateway(gateway),
    function* ({ tenant: id }, model) {
      const tenant = model.get('tenant', id)
      if (!tenant) return
      for (const ctState of answers)
        yield {
          priority: 100,
          match: { [reg.tenant]: tenant.number, ctState },
          actions: [goto('shared-limit-in')],
        }
      yield { priority: 1, match: { [reg.tenant]: tenant.number }, actions: drop }
    },
  ),
])
