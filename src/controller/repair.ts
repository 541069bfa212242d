import type { Repair } from '../api/contract.js'
import type { Drift } from '../datapath/bridge-sync.js'
import { formatFlow } from '../openflow/index.js'
import { cookieOf } from '../pipeline/flow.js'
import type { Sources } from './sources.js'
import { decodeFlow } from './views/flow-views.js'

/** A flow that was not as it should be, as people are told of it. */
export function repairOf({ cause, key, content }: Drift, sources: Sources): Repair {
  const unit = sources.unit(cookieOf(content))
  return {
    time: new Date().toISOString(),
    cause,
    flow: formatFlow(decodeFlow(key, content), { stats: false }).trim(),
    ...(unit ? { source: sources.source(unit) } : {}),
  }
}
