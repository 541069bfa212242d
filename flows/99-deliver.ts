import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { limited, workloadMeter } from './limits.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'

const toPort: RuleAction = { type: 'outputReg', src: part.port, maxLen: 0xffff }

/** To the workload's port, once nothing stands against it, as fast as the workload may get packets. */
export default table(import.meta.url, { matches: [reg.destination, 'ethType'], sets: ['ipDscp'] }, [
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
      if (share.scope !== 'workload' || share.direction !== 'in' || !bandwidth || !placement || !workload)
        return
      const match = { [reg.destination]: workload.key }
      const meter = workloadMeter(bandwidth, placement)
      yield* limited(bandwidth, meter, { priority: 200, match, onward: toPort })
    },
  ),
  rule(
    'port of the destination',
    'cluster',
    () => scope.all,
    function* () {
      yield { priority: 0, match: {}, actions: [toPort] }
    },
  ),
])
