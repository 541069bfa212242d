import type { WorkloadRow } from './rows.js'

/** A workload, and the OpenFlow port of a bridge that it is behind. */
export interface WorkloadPort {
  readonly port: number
  readonly workload: WorkloadRow
}
