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
      function* ({ bandwidth: id, workload: of }, model) {
        const bandwidth = model.get('bandwidth', id)
        const placement = model.get('placement', of)
        const workload = model.get('workload', of)
        if (bandwidth?.scope !== 'workload' || bandwidth.direction !== 'out' || !placement || !workload)
          return
        const match = { [reg.source]: workload.key }
        yield* limited(bandwidth, workloadMeter(bandwidth, placement), {
          priority: 100,
          match,
          next: 'service-guard',
        })
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
