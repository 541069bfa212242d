/** The values that a lab is built from. Plain data: no process, no namespace. */

/** A machine of the lab (language.md, Host). */
export interface LabHost {
  readonly name: string
  /** Where its ovsdb-server listens: `tcp:IP:PORT`, `tcp:[IP6]:PORT` or `unix:PATH`. */
  readonly ovsdb: string
  readonly tunnelIp: string
  /** The bridge that the controller owns and that workloads are plugged into. Default `br-int`. */
  readonly bridge?: string
  /** The bridge that carries `tunnelIp`: that of a gateway with `address: host`, or one that is for nothing else. */
  readonly underlayBridge?: string
  /** MTU of the underlay in bytes. Default 1500. */
  readonly underlayMtu?: number
}

/** A place where hosts meet the outside, for a gateway or for VLANs: `bridge` is made on each of `hosts`, with an uplink to the outside wire. */
export interface LabGateway {
  readonly name: string
  readonly hosts: readonly string[]
  readonly bridge: string
}

export interface LabPlan {
  readonly name: string
  readonly hosts: readonly LabHost[]
  readonly gateways: readonly LabGateway[]
  /** Host name to the workloads (`tenant/name`) that sit there. */
  readonly place: Readonly<Record<string, readonly string[]>>
  /** Addresses with prefix length of the `outside` namespace; `station` stands beside it with .250 of each subnet. */
  readonly outside?: { readonly addresses: readonly string[] }
}

/** What a workload needs to be plugged in, as the controller allocated it. */
export interface LabWorkload {
  /** `tenant/name`. */
  readonly id: string
  /** Value of `external_ids:iface-id`. */
  readonly interface: string
  readonly mac: string
  /** With prefix length: `192.168.1.2/24`. */
  readonly addresses: readonly string[]
  /** Default routes, one per address family. */
  readonly gateways: readonly string[]
  /** Bytes. */
  readonly mtu: number
}
