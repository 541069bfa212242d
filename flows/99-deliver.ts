import { output } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { limited, workloadMeter } from './limits.js'
import { reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'

/** To the workload's port, after policy has let the packet pass, as fast as the workload may get packets. */
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
      const onward = output(placement.ofport)
      yield* limited(bandwidth, workloadMeter(bandwidth, placement), { priority: 200, match, onward })
    },
  ),
  rule(
    'port of a workload',
    'placement',
    ({ host }) => scope.host(host),
    function* ({ id, tenant, ofport }, model) {
      const workload = isGuarded(tenant, model) ? model.get('workload', id) : undefined
      if (workload)
        yield { priority: 100, match: { [reg.destination]: workload.key }, actions: [output(ofport)] }
    },
  ),
])
