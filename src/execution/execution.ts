import type { FieldName } from '../openflow/fields.js'
import type { ActionOf, Flow } from '../openflow/flow.js'
import type { GroupDesc } from '../openflow/messages/group.js'
import type { AnyValue } from '../openflow/value.js'
import type { Connections } from './connections.js'
import type { FlowTables, Lookup } from './flow-tables.js'
import type { Header } from './header.js'

/** What a bridge does with packets. `F` is whatever the caller knows of a flow beyond its values. */
export interface Bridge<F extends Flow = Flow> {
  readonly flows: FlowTables<F>
  readonly groups?: ReadonlyMap<number, GroupDesc>
}

/** Where a port leads. */
export type Lead =
  /** To a station: a workload, or whatever else is attached. */
  | { readonly to: 'station'; readonly name: string }
  /** Out of the cluster. */
  | { readonly to: 'outside'; readonly gateway: string }
  /** To a port of a host's bridge: by a patch, or, with the addresses of its ends, by a tunnel. */
  | { readonly to: 'bridge'; readonly host: string; readonly port: number; readonly tunnel?: TunnelEnds }
  | { readonly to: 'nowhere' }

/** Outer addresses, from the sender to the receiver. */
export interface TunnelEnds {
  readonly source: string
  readonly destination: string
}

/** The bridges that packets go through, one for each host, and how they are joined. */
export interface Topology<F extends Flow = Flow> {
  readonly bridges: ReadonlyMap<string, Bridge<F>>
  /** @param header tells where a tunnel goes to: `tunIpv4Dst` or `tunIpv6Dst` */
  leads(host: string, port: number, header: Header): Lead
  /** Whether a port that a group watches is alive; every port, when left out. */
  alive?(host: string, port: number): boolean
}

/** A field that an action has written, with the value that the whole field has since. */
export interface Write {
  readonly field: FieldName
  readonly value: AnyValue
}

/** One table that a packet went through. */
export interface Step<F extends Flow = Flow> {
  readonly table: number
  /** Undefined: no flow of the table matches. */
  readonly lookup: Lookup<F> | undefined
  /** How many resubmits and gotos lead here. */
  readonly depth: number
  readonly writes: readonly Write[]
}

/** One way through the tables of a bridge: from a port, or from conntrack on. */
export interface Pass<F extends Flow = Flow> {
  readonly host: string
  readonly from: 'port' | 'conntrack'
  /** The header at the beginning and at the end. */
  readonly before: Header
  readonly after: Header
  readonly steps: readonly Step<F>[]
}

/** How a packet, or a copy, ends. */
export type Ending =
  | { readonly end: 'output'; readonly port: number; readonly lead: Exclude<Lead, { to: 'bridge' }> }
  /** A packet is not sent to the port that it came by unless the flow says `IN_PORT`. */
  | { readonly end: 'same-port'; readonly port: number }
  | { readonly end: 'controller'; readonly action: ActionOf<'controller'> | ActionOf<'output'> }
  /** A pass that comes to nothing; its step is the last one. */
  | { readonly end: 'dropped'; readonly expired: boolean }

/** What becomes of a packet, or of a copy. */
export type End<F extends Flow = Flow> = Ending & {
  readonly pass: Pass<F>
  /** The table that the packet was in. */
  readonly step: Step<F>
  readonly header: Header
}

/** What becomes of connections, by host. */
export type ConnectionsByHost = ReadonlyMap<string, Connections>

export interface Execution<F extends Flow = Flow> {
  /** In the order in which they begin. */
  readonly passes: readonly Pass<F>[]
  readonly ends: readonly End<F>[]
  readonly connections: ConnectionsByHost
}
