/**
 * The rows of the model: what the files say (policy rows), what the hosts report (world rows), and what follows from
 * the two (derived rows, see derived.ts). Rows are plain frozen-by-convention values; a change is a new row.
 * Where a row stands in a file is not part of it, so moving a line changes no row.
 */

export type Encapsulation = 'geneve' | 'vxlan' | 'gre'

/** Labels of a host, tenant or workload. */
export type Labels = Readonly<Record<string, string>>

/** One condition on a label; a plain string means that the label has this value. */
export type LabelCondition =
  | string
  | { readonly in: readonly string[] }
  | { readonly notIn: readonly string[] }
  | 'exists'
  | 'absent'

/** Conditions by label, all of which must hold; an empty selector selects everything. */
export type Selector = Readonly<Record<string, LabelCondition>>

/** Cluster-wide settings: exactly one row, id `cluster`, with defaults where no file has the kind. */
export interface ClusterRow {
  readonly id: 'cluster'
  readonly name: string
  readonly encapsulation: Encapsulation
}

/** A machine that runs Open vSwitch; id is its name. */
export interface HostRow {
  readonly id: string
  /** Where its ovsdb-server listens, as the file says it: `tcp:`, `ssl:` or `unix:`. */
  readonly ovsdb: string
  readonly tunnelIp: string
  readonly bridge: string
  readonly datapath?: 'system' | 'netdev'
  /** Where the controller dials the switch; undefined: the switch is told to dial the controller. */
  readonly openflow?: string
  /** Bytes of an IP packet that the underlay carries. */
  readonly underlayMtu: number
  readonly labels: Labels
}

export interface TenantRow {
  readonly id: string
  /** 1 to 32,767, unique among tenants and gateways: register value and conntrack zone. */
  readonly number: number
  readonly labels: Labels
}

/** One broadcast domain; id is `tenant/name`. */
export interface NetworkRow {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly vni: number
  /** Canonical CIDR blocks; a network has at least one of the two. */
  readonly subnet?: string
  readonly subnet6?: string
  readonly gateway?: string
  readonly gateway6?: string
  /** Bytes of an IP packet that a workload may send. */
  readonly mtu: number
  readonly routed: boolean
}

/** An end station; id is `tenant/name`. */
export interface WorkloadRow {
  readonly id: string
  readonly tenant: string
  readonly name: string
  /** Network id, `tenant/name`. */
  readonly network: string
  readonly mac: string
  /** Canonical IPv4 and IPv6 addresses, without prefix length. */
  readonly addresses: readonly string[]
  /** The value of external_ids:iface-id that binds it. */
  readonly interface: string
  /** 32 bits, unique among workloads and gateways: where a packet goes, in a register. */
  readonly key: number
  readonly labels: Labels
}

/** Where the cluster meets the outside; id is its name. */
export interface GatewayRow {
  readonly id: string
  /** 1 to 32,767, unique among tenants and gateways. */
  readonly number: number
  /** 32 bits, unique among workloads and gateways. */
  readonly key: number
  readonly hosts: readonly string[]
  readonly bridge: string
  /** The virtual MAC that the gateway's addresses answer with, outside. */
  readonly mac: string
  readonly subnet?: string
  readonly address?: string
  readonly nextHop?: string
  readonly subnet6?: string
  readonly address6?: string
  readonly nextHop6?: string
  /** VLAN tag on the uplink, 1 to 4,094. */
  readonly vlan?: number
}

/** How a tenant's traffic leaves; id is `tenant/name`. */
export interface EgressRow {
  readonly id: string
  readonly tenant: string
  readonly gateway: string
  /** Undefined: all of the tenant. */
  readonly select?: Selector
  readonly address?: string
}

/** One tenant's consent to be routed to another; id is `tenant/name`. */
export interface PeeringRow {
  readonly id: string
  readonly tenant: string
  readonly peer: string
  /** Names of this tenant's networks that take part; undefined: all. */
  readonly networks?: readonly string[]
}

/** Who decides in which order: admin policies by position, then tenant policies together, then baseline by position. */
export type Tier = 'admin' | 'tenant' | 'baseline'

/** Seen from the workload that a policy selects. */
export type Direction = 'ingress' | 'egress'

/** What a rule does with what it matches; `pass` leaves the decision to the next tier. */
export type Verdict = 'allow' | 'deny' | 'reject' | 'pass'

/** One thing that the other end of a connection may be. */
export type Peer =
  /** Workloads whose labels match: of this tenant (id), or, undefined, of the selected workload's own. */
  | { readonly kind: 'workloads'; readonly tenant?: string; readonly select: Selector }
  /** Whoever has an address in the network's subnets; `network` is its id. */
  | { readonly kind: 'network'; readonly network: string }
  /** Addresses in a canonical block and in none of the canonical blocks of `except`. */
  | { readonly kind: 'cidr'; readonly cidr: string; readonly except: readonly string[] }
  /** Addresses of an AddressGroup, by its id. */
  | { readonly kind: 'group'; readonly group: string }

/** Packets of one protocol. ICMP has types in place of ports: `first` is the type, `last` equals it. */
export interface PortRange {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmp6'
  /** First and last destination port, or the ICMP type twice; undefined: every one. */
  readonly range?: readonly [first: number, last: number]
}

/** One rule of a policy. */
export interface PolicyRule {
  /** Its place in its direction's list in the file, from 0. */
  readonly index: number
  /**
   * 0 to 16,383: the rule with the lowest position that matches is the one that decides among admin rules, among
   * baseline rules, among denying and rejecting rules of a tenant, and among allowing ones. Unique among all rules of
   * its direction in the admin tier, in the baseline tier, or in its tenant's tier; in the order of (priority, policy
   * id, index); kept where others come and go.
   */
  readonly position: number
  /** Undefined: anyone. Empty: no one. */
  readonly peers?: readonly Peer[]
  /** Undefined: any protocol and port. Empty: none. */
  readonly ports?: readonly PortRange[]
  readonly action: Verdict
  readonly log: boolean
}

/** Who may talk to whom; id is `tenant/name`, or `name` for a policy of the whole cluster. */
export interface PolicyRow {
  readonly id: string
  /** Undefined: workloads of every tenant are selected. */
  readonly tenant?: string
  readonly tier: Tier
  /** 1 to 524,287, unique among policies, kept over restarts. */
  readonly number: number
  readonly select: Selector
  /** Undefined: the policy says nothing of that direction. Empty: nothing may come in, or go out. */
  readonly ingress?: readonly PolicyRule[]
  readonly egress?: readonly PolicyRule[]
  /** Whether connections live on that a change of this policy no longer allows. */
  readonly established: 'recheck' | 'keep'
}

/** A named list of addresses; id is `tenant/name`, or `name` for one of the whole cluster. */
export interface AddressGroupRow {
  readonly id: string
  readonly tenant?: string
  /** Canonical CIDR blocks (a single address is a /32 or /128), sorted, each once. */
  readonly addresses: readonly string[]
}

/** World: an interface with an iface-id on a host's bridge; id is `host/interface name`. */
export interface PortRow {
  readonly id: string
  readonly host: string
  readonly name: string
  readonly interface: string
  /** OpenFlow port number, above 0; a port that has none yet is no row. */
  readonly ofport: number
}

/** World: the port numbers of a host's own ports, as its database reports them; id is the host's name. */
export interface BridgeRow {
  readonly id: string
  readonly tunnelPort?: number
  /** Patch port towards the gateway's bridge, by gateway. */
  readonly uplinks: Readonly<Record<string, number>>
}

/** World: the MAC of a station on a gateway's outside subnet, the next hop among them; id is `gateway/address`. */
export interface NeighbourRow {
  readonly id: string
  readonly gateway: string
  readonly address: string
  readonly mac: string
}

/** Derived: where a workload runs; id is the workload's. */
export interface PlacementRow {
  readonly id: string
  readonly host: string
  readonly port: string
  readonly ofport: number
  readonly tenant: string
  readonly network: string
}

/** Derived: the part of a network that is on one host; id is `network@host`. */
export interface SegmentRow {
  readonly id: string
  readonly network: string
  readonly host: string
}

/** Every table of the model by name. */
export interface Tables {
  cluster: ClusterRow
  host: HostRow
  tenant: TenantRow
  network: NetworkRow
  workload: WorkloadRow
  gateway: GatewayRow
  egress: EgressRow
  peering: PeeringRow
  policy: PolicyRow
  addressGroup: AddressGroupRow
  port: PortRow
  bridge: BridgeRow
  neighbour: NeighbourRow
  placement: PlacementRow
  segment: SegmentRow
}

export type TableName = keyof Tables
export type Row = Tables[TableName]

/** One row put (with `row`) or deleted (without). */
export type Change<T extends TableName = TableName> = {
  [K in T]: { readonly table: K; readonly id: string; readonly row?: Tables[K] }
}[T]
