import type { Selector } from './selector.js'

/** Kilobits per second, and kilobits that may come at once. */
export interface Limit {
  readonly rate: number
  readonly burst: number
}

/** Rate limit and mark of a tenant's workloads; id is `tenant/name`. Has a limit, a mark, or both. */
export interface BandwidthRow {
  readonly id: string
  readonly tenant: string
  /** 1 to 16,383, unique among limits: the number of its meter. */
  readonly number: number
  readonly select: Selector
  /** Seen from the workload. */
  readonly direction: 'out' | 'in'
  /** Each workload its own, at its host; or one for all of them, at the gateway. */
  readonly scope: 'workload' | 'tenant'
  readonly limit?: Limit
  /** 0 to 63. */
  readonly dscp?: number
}

/** Derived: a limit that is in force for one workload; id is `bandwidth#workload`. */
export interface ShareRow {
  readonly id: string
  readonly bandwidth: string
  readonly workload: string
  readonly direction: BandwidthRow['direction']
  readonly scope: BandwidthRow['scope']
}
