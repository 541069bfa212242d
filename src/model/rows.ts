/**
 * The rows of the model: what the files say (policy rows), what the hosts report (world rows), and what follows from
 * the two (derived rows, see derivations.ts). Rows are plain frozen-by-convention values; a change is a new row.
 * Where a row stands in a file is not part of it, so moving a line changes no row.
 */

import type {
  ExitRow,
  OutletRow,
  OutsideAddressRow,
  PlacementRow,
  PublishedPortRow,
  SegmentRow,
  TapRow,
  TranslationRow,
  WireRow,
} from './derived-rows.js'
import type { BandwidthRow, ShareRow } from './limit-rows.js'
import type { AddressGroupRow, PolicyRow, PrefixRow, RuleRow } from './policy-rows.js'
import type { RouteRow } from './route-row.js'
import type { Labels, Selector } from './selector.js'
import type { BackendRow, ServiceRow } from './service-row.js'
import type {
  BridgeRow,
  CarrierRow,
  HoldingRow,
  NeighbourRow,
  OuterBridgeRow,
  PortRow,
  SessionRow,
  SettledRow,
  SilenceRow,
  StationRow,
  SuccessionRow,
} from './world-rows.js'

export type * from './derived-rows.js'
export type * from './limit-rows.js'
export type * from './policy-rows.js'
export type * from './route-row.js'
export type * from './selector.js'
export type * from './service-row.js'
export type * from './world-rows.js'

export type Encapsulation = 'geneve' | 'vxlan' | 'gre'

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
  /** Further addresses of the host itself. */
  readonly addresses?: readonly string[]
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
  /** Undefined: stations are told nothing. */
  readonly dhcp?: NetworkDhcp
  /** Workloads that no file declares may join it by what their ports say. */
  readonly discover?: boolean
  /** The VLAN of a physical bridge that it also lives on. */
  readonly vlan?: { readonly bridge: string; readonly tag: number }
}

/** Addresses that a workload may use beside its own, with one MAC. */
export interface Allowance {
  /** Canonical address, or CIDR block where it is more than one. */
  readonly ip: string
  readonly mac: string
}

/** What the stations of a network are told by DHCP and router advertisements. */
export interface NetworkDhcp {
  /** `FIRST-LAST`, at most one of each IP version: where workloads without an address of their own get it from. */
  readonly range?: readonly string[]
  /** Servers for names, IPv4 and IPv6. */
  readonly dns: readonly string[]
  readonly domain: string
  /** Seconds that an address is good for. */
  readonly lease: number
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
  readonly allowed?: readonly Allowance[]
  /** The workload (id) on whose interface it is, told from it by a VLAN tag of 1 to 4,094. */
  readonly trunk?: { readonly parent: string; readonly tag: number }
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
  /** Its own; `host`: that of the host which carries it, by host in `hostAddresses`. */
  readonly address?: string
  readonly hostAddresses?: Readonly<Record<string, string>>
  /** First and last of the ports of such an address that connections of workloads take. */
  readonly hostPorts?: readonly [number, number]
  readonly nextHop?: string
  readonly subnet6?: string
  readonly address6?: string
  readonly nextHop6?: string
  /** VLAN tag on the uplink, 1 to 4,094. */
  readonly vlan?: number
  /** Further addresses that translations may share. */
  readonly pool?: readonly string[]
  /** Milliseconds from one BFD packet to the next; after three that do not come a host counts as dead. */
  readonly bfd: number
  /** Whether a host that is back takes over from one further back in the list. */
  readonly preempt: boolean
}

/** How a tenant's traffic leaves; id is `tenant/name`. */
export interface EgressRow {
  readonly id: string
  readonly tenant: string
  /** 1 to 251,658,239, unique among egresses, floating addresses and forwards: a transit address between two zones. */
  readonly translation: number
  readonly gateway: string
  /** Undefined: all of the tenant. */
  readonly select?: Selector
  /** Undefined: the gateway's own. */
  readonly address?: string
}

/** One address outside for one workload; id is `tenant/name`. */
export interface FloatingIpRow {
  readonly id: string
  readonly tenant: string
  /** As of an egress. */
  readonly translation: number
  readonly gateway: string
  readonly address: string
  /** Workload id, `tenant/name`. */
  readonly workload: string
}

/** One port of an address outside for one port of a workload; id is `tenant/name`. */
export interface PortForwardRow {
  readonly id: string
  readonly tenant: string
  /** As of an egress. */
  readonly translation: number
  readonly gateway: string
  /** `host`: that of the gateway. */
  readonly address: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  /** Workload id, `tenant/name`, and its port. */
  readonly workload: string
  readonly workloadPort: number
}

/** One tenant's consent to be routed to another; id is `tenant/name`. */
export interface PeeringRow {
  readonly id: string
  readonly tenant: string
  readonly peer: string
  /** Names of this tenant's networks that take part; undefined: all. */
  readonly networks?: readonly string[]
}

/** Copies of what a tenant's workloads send and get, for another of its workloads; id is `tenant/name`. */
export interface MirrorRow {
  readonly id: string
  readonly tenant: string
  /** As of a network, and unique among both: what copies are known by, also in the tunnel. */
  readonly vni: number
  readonly select: Selector
  /** Id of the workload that gets the copies. */
  readonly to: string
  /** Seen from the workload whose packets they are of. */
  readonly direction: 'in' | 'out' | 'both'
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
  floatingIp: FloatingIpRow
  portForward: PortForwardRow
  peering: PeeringRow
  route: RouteRow
  policy: PolicyRow
  addressGroup: AddressGroupRow
  bandwidth: BandwidthRow
  mirror: MirrorRow
  service: ServiceRow
  port: PortRow
  bridge: BridgeRow
  outerBridge: OuterBridgeRow
  neighbour: NeighbourRow
  station: StationRow
  silence: SilenceRow
  succession: SuccessionRow
  session: SessionRow
  holding: HoldingRow
  carrier: CarrierRow
  settled: SettledRow
  placement: PlacementRow
  segment: SegmentRow
  wire: WireRow
  rule: RuleRow
  prefix: PrefixRow
  share: ShareRow
  tap: TapRow
  backend: BackendRow
  outlet: OutletRow
  exit: ExitRow
  outsideAddress: OutsideAddressRow
  translation: TranslationRow
  publishedPort: PublishedPortRow
}

export type TableName = keyof Tables
export type Row = Tables[TableName]

/** One row put (with `row`) or deleted (without). */
export type Change<T extends TableName = TableName> = {
  [K in T]: { readonly table: K; readonly id: string; readonly row?: Tables[K] }
}[T]
