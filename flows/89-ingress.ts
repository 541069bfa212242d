import { drop } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { track } from './policy/entry.js'
import { sides } from './policy/side.js'
import { reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'

/** What is for a workload of this host that policy concerns: its connection is looked up. Copies of a flood come here too. */
export default table(
  import.meta.url,
  {
    matches: [reg.source, reg.destination, 'ethType'],
    sets: [reg.tenant, reg.classHigh, reg.classLow],
    next: ['ingress-tracked'],
  },
  [
    rule(
      'workload that policy concerns',
      'placement',
      ({ host }) => scope.host(host),
      (placement, model) => track(sides.ingress, placement, model),
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
  ],
)
