/** Rows of what follows from policy and world about where networks are. */

/** Derived: where a workload runs; id is the workload's. */
export interface PlacementRow {
  readonly id: string
  readonly host: string
  readonly port: string
  readonly ofport: number
  /** The VLAN tag of its packets at that port; undefined: none. */
  readonly tag?: number
  readonly tenant: string
  readonly network: string
}

/** Derived: the part of a network that is on one host; id is `network@host`. */
export interface SegmentRow {
  readonly id: string
  readonly network: string
  readonly host: string
}

/** Derived: how a network's VLAN is reached from one host; id is `network@host`. */
export type WireRow = {
  readonly id: string
  readonly network: string
  readonly host: string
  readonly tag: number
} & (
  | {
      /** The patch port towards the physical bridge. */
      readonly port: number
      /** Whether it answers for the network's router on the VLAN. */
      readonly speaks: boolean
      /** Hosts without the bridge whose packets to and from the VLAN go by this one. */
      readonly relays: readonly string[]
      readonly via?: never
    }
  | {
      /** The host by which packets go, where this one has no such bridge. */
      readonly via: string
      readonly port?: never
      readonly relays?: never
      readonly speaks?: never
    }
)
