/** Rows of what hosts and stations outside report. */

/** World: an interface with an iface-id on a host's bridge; id is `host/interface name`. */
export interface PortRow {
  readonly id: string
  readonly host: string
  readonly name: string
  readonly interface: string
  /** OpenFlow port number, above 0; a port that has none yet is no row. */
  readonly ofport: number
  /** What it says of itself, for a workload that no file declares. */
  readonly claim?: Claim
}

/** The network that a port says it is of, and what it wants there. */
export interface Claim {
  readonly tenant: string
  /** Name within the tenant. */
  readonly network: string
  readonly mac?: string
  readonly ip?: readonly string[]
}

/** World: the port numbers of a host's own ports, as its database reports them; id is the host's name. */
export interface BridgeRow {
  readonly id: string
  readonly tunnelPort?: number
  /** Patch port towards the gateway's bridge, by gateway. */
  readonly uplinks: Readonly<Record<string, number>>
  /** Patch port towards a physical bridge with networks' VLANs, by the bridge's name; absent where there is none. */
  readonly wires?: Readonly<Record<string, number>>
  /** What the devices of a gateway's bridge carry, in bytes of an IP packet, by gateway; absent where none tells. */
  readonly mtus?: Readonly<Record<string, number>>
  /** The ports by which BFD watches another host, by host; absent where none is watched. */
  readonly sessions?: Readonly<Record<string, SessionPorts>>
  /** The ports that are alive while a host, itself among them, says that it carries a gateway: by gateway and host. */
  readonly holders?: HolderPorts
  /** The ports that are alive while a host has said so within the last seconds. */
  readonly lately?: HolderPorts
  /** On hosts of a gateway: the last is alive once the host has been in touch with others for some time. */
  readonly steady?: readonly SessionPorts[]
}

/** Ports by gateway and host. */
export type HolderPorts = Readonly<Record<string, Readonly<Record<string, SessionPorts>>>>

/**
 * Two patch ports of one bridge that lead to each other: what BFD sends out of the first comes in by the second, and
 * from there on takes the way that flows give it.
 */
export interface SessionPorts {
  /** Alive while what BFD sends here comes back, or is answered. */
  readonly watched: number
  /** Always alive. */
  readonly loop: number
}

/** World: in which order hosts carry a gateway's traffic, where that is not its list; id is the gateway's. */
export interface SuccessionRow {
  readonly id: string
  readonly hosts: readonly string[]
  /** Hosts that do not know of this order yet: nobody watches them, so that nobody counts on them. */
  readonly suspended: readonly string[]
  /** Whoever carries the gateway goes on doing so, whatever the order: the first host has been seen to. */
  readonly isHeld?: boolean
  /** False: the next hop does not send back what is for the gateway itself, so nothing tells that an uplink works. */
  readonly isEchoed?: boolean
}

/** World: what a host has last told of another that it watches; id is `host>other`. */
export interface SessionRow {
  readonly id: string
  readonly host: string
  readonly other: string
  readonly isUp: boolean
  /** With nobody else in the cluster: it answers, be it over the wire outside only. */
  readonly isAnswered?: boolean
}

/** World: whether a host carries a gateway, as it has last told; id is `gateway@host`. */
export interface HoldingRow {
  readonly id: string
  readonly gateway: string
  readonly host: string
  readonly isUp: boolean
}

/** World: a bridge of the operator in which flows of ours are to be; id is `host/bridge`. */
export interface OuterBridgeRow {
  readonly id: string
  readonly host: string
  readonly bridge: string
  /** 16 hexadecimal digits. */
  readonly datapathId: string
  /** The host's own MAC there: that of the bridge's internal port. */
  readonly mac: string
  /** Number there of the patch port to our bridge, by gateway. */
  readonly uplinks: Readonly<Record<string, number>>
}

/** World: the devices of a gateway's bridge on a host, and what they let through; id is `gateway@host`. */
export interface CarrierRow {
  readonly id: string
  readonly gateway: string
  readonly host: string
  /** Names, sorted. */
  readonly devices: readonly string[]
  /** Whether some device has a carrier; a bridge without devices is taken at its word. */
  readonly isUp: boolean
  /** Whether the bridge hands on LLDP frames, which a bridge is not to do unless it is told to. */
  readonly passesLldp: boolean
}

/** World: the MAC of a station on a gateway's outside subnet, the next hop among them; id is `gateway/address`. */
export interface NeighbourRow {
  readonly id: string
  readonly gateway: string
  readonly address: string
  readonly mac: string
}

/** World: nothing has been heard of a host (id) for some seconds. */
export interface SilenceRow {
  readonly id: string
}

/**
 * World: policy has concerned a tenant (id; the empty id: every tenant) for so long that conntrack has seen how the
 * connections that there were go on.
 */
export interface SettledRow {
  readonly id: string
}

/**
 * World: the MAC of a station of a network that no file says: one on its VLAN, or the workload of several that may use an
 * address; id is `network/address`.
 */
export interface StationRow {
  readonly id: string
  /** Network id, `tenant/name`. */
  readonly network: string
  readonly address: string
  readonly mac: string
}

/**
 * World: policy has concerned a tenant (id; the empty id: every tenant) for so long that conntrack has seen how the
 * connections that there were go on.
 */
export interface SettledRow {
  readonly id: string
}
