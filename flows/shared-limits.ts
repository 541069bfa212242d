import { selectsAll } from '../src/model/labels.js'
import type { BandwidthRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { goto } from '../src/pipeline/actions.js'
import { type Rule, rule } from '../src/pipeline/table.js'
import { limited, sharedMeter } from './limits.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

type Direction = BandwidthRow['direction']

/** A limit that names labels, for one of the workloads that share it; it comes before one for all. */
export function limitedFor(
  direction: Direction,
  of: (address: string) => Match,
  next: string,
): Rule<'share'> {
  return rule(
    'limit that some workloads share',
    'share',
    ({ workload }, model) => {
      const tenant = model.get('workload', workload)?.tenant
      return tenant === undefined ? undefined : scope.tenant(tenant)
    },
    function* (share, model) {
      const bandwidth = model.get('bandwidth', share.bandwidth)
      const workload = model.get('workload', share.workload)
      const tenant = workload && model.get('tenant', workload.tenant)
      if (!bandwidth || !tenant || !isShared(bandwidth, direction) || selectsAll(bandwidth.select)) return
      for (const address of workload.addresses) {
        const match = { [reg.tenant]: tenant.number, ...of(address) }
        yield* limited(bandwidth, sharedMeter(bandwidth), { priority: 200, match, onward: [goto(next)] })
      }
    },
  )
}

/** A limit that all workloads of a tenant share; of several the first by id. */
export function limitedForAll(direction: Direction, next: string): Rule<'bandwidth'> {
  return rule(
    'limit that all workloads share',
    'bandwidth',
    ({ tenant }) => scope.tenant(tenant),
    function* (bandwidth, model) {
      const tenant = model.get('tenant', bandwidth.tenant)
      const first = model
        .by('bandwidthsByTenant', bandwidth.tenant)
        .find((other) => isShared(other, direction) && selectsAll(other.select))
      if (!tenant || first?.id !== bandwidth.id) return
      const match = { [reg.tenant]: tenant.number }
      yield* limited(bandwidth, sharedMeter(bandwidth), { priority: 100, match, onward: [goto(next)] })
    },
  )
}

function isShared({ scope: of, direction }: BandwidthRow, wanted: Direction): boolean {
  return of === 'tenant' && direction === wanted
}
