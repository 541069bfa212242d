import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { track } from './policy/entry.js'
import { sides } from './policy/side.js'
import { neighbourAdvertisement, neighbourSolicitation } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What is for a workload of this host: if policy concerns its tenant, its connection is looked up. Copies of a flood come here too. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, 'ethType', 'ipProto', 'icmpv6Type'],
    next: ['ingress-tracked', 'deliver'],
  },
  [
    ...track(sides.ingress),
    rule(
      'neighbour discovery',
      'cluster',
      () => scope.guarded,
      function* () {
        for (const message of [neighbourSolicitation, neighbourAdvertisement])
          yield { priority: 200, match: message, actions: [goto('deliver')] }
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
