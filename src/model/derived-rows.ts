/** Rows of what follows from policy and world. */

/** Derived: where a workload runs; id is the workload's. */
export interface PlacementRow {
  readonly id: string
  readonly host: string
  readonly port: string
  readonly ofport: number
  /** The VLAN tag of its packets at that port; undefined: none. */
  readonly tag?: number
  /** Other workloads are on the same port, told apart by tags. */
  readonly isTrunk?: true
  readonly tenant: string
  readonly network: string
}

/** Derived: where packets of a workload that runs are copied, for which mirrors (ids, sorted); id is the workload's. */
export interface TapRow {
  readonly id: string
  readonly host: string
  /** For which what it sends is copied, and what it gets. */
  readonly sent: readonly string[]
  readonly got: readonly string[]
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

/** Derived: a gateway that packets of a tenant come or go by; id is `tenant@gateway`. */
export interface OutletRow {
  readonly id: string
  readonly tenant: string
  readonly gateway: string
  /** Connections of the tenant are spread over this gateway and others. */
  readonly isRival?: boolean
}

/**
 * Derived: how packets of one IP version of one workload leave the cluster, where that is not as for the whole tenant;
 * id is `object#workload#version`. Of several, each connection takes one.
 */
export interface ExitRow {
  readonly id: string
  readonly workload: string
  readonly tenant: string
  readonly version: 4 | 6
  readonly gateway: string
  /** The number of the translation that new connections get; undefined: none may be opened, only answered. */
  readonly translation?: number
}

/** Derived: an address that a gateway answers for outside and that is not one workload's; id is `gateway/address`. */
export interface OutsideAddressRow {
  readonly id: string
  readonly gateway: string
  readonly address: string
  /** The host whose own it is: that says so itself, and the gateway uses it while it is there. */
  readonly host?: string
}

/** Derived: an address at which a port is forwarded; id is the forward's, with `@host` where the address is a host's own. */
export interface PublishedPortRow {
  readonly id: string
  readonly portForward: string
  readonly gateway: string
  readonly address: string
  readonly host?: string
}

/**
 * Derived: what packets of one IP version are translated to by an egress, floating address, forward, or by a route at one
 * gateway; id is `object#version`, of a route `object#gateway`.
 */
export interface TranslationRow {
  readonly id: string
  /** The number that the transit address is made of. */
  readonly translation: number
  readonly version: 4 | 6
  readonly gateway: string
  /** The conntrack zones of the tenant and of the gateway. */
  readonly zones: readonly [tenant: number, gateway: number]
  /** The hosts that can carry the gateway. */
  readonly hosts: readonly string[]
  readonly outside: string
  /** The address of the one workload behind it. Undefined: there are several. */
  readonly inside?: string
  /** Of a forward: its port outside, and that of the workload. */
  readonly ports?: string
}
