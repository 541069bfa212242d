import type { Reads } from '../src/model/reads.js'
import type { PlacementRow } from '../src/model/rows.js'
import { drop, inPart } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { copiesOfGot } from './copies.js'
import { limitOfWorkload } from './limits.js'
import { part, reg, untaggedOfTrunk } from './registers.js'
import { scope } from './scopes.js'
import { deliveryTo, isOnTrunk, toPort, toPortOfTrunk, toPortWithTag } from './trunks.js'

/** To the workload's port, once nothing stands against it, as fast as the workload may get packets. */
export default table(
  import.meta.url,
  {
    matches: ['inPort', reg.destination, part.tag.field, 'ethType'],
    sets: [reg.network, 'ipDscp', 'inPort16', 'vlanVid'],
    next: ['mirror'],
  },
  [
    limitOfWorkload('in', ({ key }) => ({ [reg.destination]: key }), delivery),
    rule(
      'destination whose packets are copied',
      'tap',
      ({ host }) => scope.host(host),
      function* (tap, model) {
        const workload = model.get('workload', tap.id)
        const placement = model.get('placement', tap.id)
        if (!workload || !placement || tap.got.length === 0) return
        const match = { [reg.destination]: workload.key }
        yield { priority: 150, match, actions: delivery(placement, model) }
        // What it floods does not come back to it: so there is nothing to copy.
        if (!isOnTrunk(placement, model))
          yield { priority: 250, match: { ...match, inPort: placement.ofport }, actions: drop }
      },
    ),
    rule(
      'port of the destination',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 100, match: inPart(part.tag, 0), actions: toPort }
        yield { priority: 100, match: inPart(part.tag, untaggedOfTrunk), actions: toPortOfTrunk }
        yield { priority: 0, match: {}, actions: toPortWithTag }
      },
    ),
  ],
)

/** With the copies that are made of it: of what does get there, and as it does. */
function delivery(placement: PlacementRow, reads: Reads): readonly RuleAction[] {
  return [...copiesOfGot(placement, reads), ...deliveryTo(placement, reads)]
}
