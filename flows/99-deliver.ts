import { inPart } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { limitOfWorkload } from './limits.js'
import { part, reg, untaggedOfTrunk } from './registers.js'
import { scope } from './scopes.js'
import { deliveryTo, toPort, toPortOfTrunk, toPortWithTag } from './trunks.js'

/** To the workload's port, once nothing stands against it, as fast as the workload may get packets. */
export default table(
  import.meta.url,
  { matches: [reg.destination, part.tag.field, 'ethType'], sets: ['ipDscp', 'inPort16', 'vlanVid'] },
  [
    limitOfWorkload('in', ({ key }) => ({ [reg.destination]: key }), deliveryTo),
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
