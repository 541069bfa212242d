import type { Reads } from './reads.js'
import type { WorkloadRow } from './rows.js'
import { isServed } from './services.js'

/** A workload, and the OpenFlow port of a bridge that it is behind. */
export interface WorkloadPort {
  readonly port: number
  readonly workload: WorkloadRow
  /** The number of its tenant, where what it is told may be about a service: conntrack then puts its address back. */
  readonly served?: number
}

/** A workload behind a port, as whoever answers for others has to know it. */
export function workloadPort(workload: WorkloadRow, port: number, reads: Reads): WorkloadPort {
  const { tenant: owner } = workload
  const tenant = isServed(owner, reads) ? reads.get('tenant', owner) : undefined
  return { port, workload, ...(tenant && { served: tenant.number }) }
}
