import type { Selector } from './selector.js'

/** Where packets go that the tenant's router would send elsewhere; id is `tenant/name`. With neither via nor gateways they end. */
export interface RouteRow {
  readonly id: string
  readonly tenant: string
  /** As of an egress: for packets that leave by one of the gateways. */
  readonly translation: number
  /** Canonical CIDR block of the destinations. */
  readonly to: string
  /** Whose packets it is about; undefined: the tenant's, whoever sends them. */
  readonly select?: Selector
  /** Workload ids, `tenant/name`, and addresses of workloads: who takes the packets on. */
  readonly via?: readonly string[]
  /** Gateways that they leave by. */
  readonly gateways?: readonly string[]
}
