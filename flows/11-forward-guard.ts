import { routesVia } from '../src/model/routes.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, longest } from './addresses.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { networksJoined } from './routes.js'
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
      'destinations of routes by a workload',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id, tenant }, model) {
        const workload = model.get('workload', id)
        const routes = workload ? routesVia(workload, model) : []
        if (!workload || routes.length === 0) return
        const of = { [reg.source]: workload.key }
        const blocks = new Set(routes.map((route) => route.to))
        const versions = new Set([...blocks].map(family))
        for (const block of blocks)
          yield { priority: longest(block) + 1, match: { ...of, ...to(block) }, actions: [goto('limit-out')] }
        for (const { subnet, subnet6 } of networksJoined(tenant, model))
          for (const block of [subnet, subnet6])
            if (block !== undefined && versions.has(family(block)) && !blocks.has(block))
              yield { priority: longest(block), match: { ...of, ...to(block) }, actions: drop }
        yield { priority: 1, match: of, actions: drop }
      },
    ),
  ],
)
