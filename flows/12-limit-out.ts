import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { limited, workloadMeter } from './limits.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What a workload may send: its own rate and mark, whoever it is for. */
export default table(
  import.meta.url,
  { matches: [reg.source, 'ethType'], sets: ['ipDscp'], next: ['service-guard'] },
  [
    rule(
      'limit of a workload',
      'share',
      ({ workload }, model) => {
        const placement = model.get('placement', workload)
        return placement && scope.host(placement.host)
      },
      function* (share, model) {
        const bandwidth = model.get('bandwidth', share.bandwidth)
        const placement = model.get('placement', share.workload)
        const workload = model.get('workload', share.workload)
        if (share.scope !== 'workload' || share.direction !== 'out' || !bandwidth || !placement || !workload)
          return
        const match = { [reg.source]: workload.key }
        const onward = goto('service-guard')
        yield* limited(bandwidth, workloadMeter(bandwidth, placement), { priority: 100, match, onward })
      },
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
