import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { track } from './policy/entry.js'
import { sides } from './policy/side.js'
import { reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'

/** What is for a workload of this host: if policy concerns its tenant, its connection is looked up. Copies of a flood come here too. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, reg.source, reg.destination, 'ethType'],
    next: ['ingress-tracked', 'deliver'],
  },
  [
    rule(
      'tenant that policy concerns',
      'tenant',
      ({ id }) => scope.guard(id),
      (tenant, model) => track(sides.ingress, tenant, model),
    ),
    rule(
      'copy of a flood for its sender',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id, tenant }, model) {
        const key = isGuarded(tenant, model) ? model.get('workload', id)?.key : undefined
        if (key === undefined) return
        yield { priority: 200, match: { [reg.source]: key, [reg.destination]: key }, actions: drop }
      },
    ),
    rule(
      'tenants that no policy concerns',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('deliver')] }
      },
    ),
  ],
)
