import { workloadsOf } from '../src/model/routes.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { longest } from './addresses.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { blocksOf } from './routes.js'
import { scope } from './scopes.js'

/**
 * What a workload passes on for others of its tenant: only to where a route sends packets by it. Here the longest prefix
 * decides, as in the router.
 */
export default table(
  import.meta.url,
  { matches: [reg.source, 'ethType', 'ipv4Dst', 'ipv6Dst'], next: ['limit-out'] },
  [
    rule(
      'destinations of a route by a workload',
      'route',
      ({ tenant }) => scope.tenant(tenant),
      function* (route, model) {
        for (const { workload } of workloadsOf(route, model)) {
          const of = { [reg.source]: workload.key }
          yield {
            priority: longest(route.to) + 1,
            match: { ...of, ...to(route.to) },
            actions: [goto('limit-out')],
          }
          for (const block of blocksOf(route, model))
            yield { priority: longest(block), match: { ...of, ...to(block) }, actions: drop }
          yield { priority: 1, match: of, actions: drop }
        }
      },
    ),
  ],
)
