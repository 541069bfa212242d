import type { Reads } from '../src/model/reads.js'
import type { PlacementRow } from '../src/model/rows.js'
import { call, set, withCopy } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { reg } from './registers.js'

type Station = Pick<PlacementRow, 'id' | 'tenant'>

/** Copies for the mirrors that look at what a workload sends. */
export function copiesOfSent(workload: Station, reads: Reads): readonly RuleAction[] {
  return copiesOf(workload, 'sent', reads)
}

/** Copies for the mirrors that look at what a workload gets. */
export function copiesOfGot(workload: Station, reads: Reads): readonly RuleAction[] {
  return copiesOf(workload, 'got', reads)
}

function copiesOf({ id, tenant }: Station, what: 'sent' | 'got', reads: Reads): readonly RuleAction[] {
  // Of tenants without mirrors nothing is read that is their workloads' alone: there may be very many.
  const mirrors = reads.by('listeners', tenant).length > 0 ? reads.get('tap', id)?.[what] : []
  return (mirrors ?? []).flatMap((mirror) => {
    const row = reads.get('mirror', mirror)
    return row ? [withCopy([set(reg.network, row.vni), call('mirror')])] : []
  })
}
