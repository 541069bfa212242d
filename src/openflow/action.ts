/**
 * What a flow does: one list, in which instructions are elements like actions (OpenFlow 1.5.1, §5.6 and §5.8;
 * ovs-actions(7)).
 */
import type { FieldName } from './fields.js'
import type { FieldReference, Subfield } from './subfield.js'
import type { AnyValue } from './value.js'

/** Range of addresses and ports for address translation; the highest ones may be left out. */
export interface Nat {
  readonly kind?: 'src' | 'dst'
  /** IPv4 or IPv6. */
  readonly address?: string
  readonly lastAddress?: string
  readonly port?: number
  readonly lastPort?: number
  readonly persistent?: boolean
  readonly hash?: boolean
  readonly random?: boolean
}

/** Fields of a packet that decide about a path. */
export type HashFields =
  | 'eth_src'
  | 'symmetric_l4'
  | 'symmetric_l3l4'
  | 'symmetric_l3l4+udp'
  | 'nw_src'
  | 'nw_dst'
  | 'symmetric_l3'

/** What a learned flow takes a value from: a field of the packet, or a constant. */
export type LearnSource = { readonly field: Subfield } | { readonly value: bigint }

/** One property of the learned flow: a match on `dst`, a load into `dst`, or an output to the port that `src` holds. */
export type LearnSpec =
  | { readonly to: 'match'; readonly src: LearnSource; readonly dst: Subfield }
  | { readonly to: 'load'; readonly src: LearnSource; readonly dst: Subfield }
  | { readonly to: 'output'; readonly src: Subfield }

/** What `encap` tells of the header that it adds (ONF EXT-382). */
export type EncapProperty =
  | { readonly type: 'mdType'; readonly mdType: number }
  | { readonly type: 'tlv'; readonly tlvClass: number; readonly tlvType: number; readonly value: Uint8Array }
  | {
      readonly type: 'unknown'
      readonly propertyClass: number
      readonly propertyType: number
      readonly value: Uint8Array
    }

interface Masked64 {
  readonly value: bigint
  /** All bits when left out. */
  readonly mask?: bigint
}

/** What each type of action carries. */
export interface ActionMap {
  /** `maxLen`: bytes for the controller; 65535 (no buffer) for `CONTROLLER` and 0 for others when left out. */
  output: { readonly port: number; readonly maxLen?: number }
  outputReg: { readonly src: Subfield; readonly maxLen: number }
  outputTrunc: { readonly port: number; readonly maxLen: number }
  group: { readonly group: number }
  /** Sets the bits of the mask, or the whole field. */
  setField: { readonly field: FieldName; readonly value: AnyValue; readonly mask?: AnyValue }
  /** As `setField`, which it becomes on the wire in OpenFlow 1.5. */
  load: { readonly value: bigint; readonly dst: Subfield }
  move: { readonly src: Subfield; readonly dst: Subfield }
  push: { readonly src: Subfield }
  pop: { readonly dst: Subfield }
  deleteField: FieldReference
  pushVlan: { readonly ethType: number }
  popVlan: object
  pushMpls: { readonly ethType: number }
  popMpls: { readonly ethType: number }
  decMplsTtl: object
  setMplsTtl: { readonly ttl: number }
  setTtl: { readonly ttl: number }
  /** `ids`: controllers that hear of an expired packet. */
  decTtl: { readonly ids?: readonly number[] }
  decNshTtl: object
  encap: { readonly packetType: number; readonly properties?: readonly EncapProperty[] }
  /** `packetType` of the result; by the header's own next protocol when left out. */
  decap: { readonly packetType?: number }
  setQueue: { readonly queue: number }
  popQueue: object
  meter: { readonly meter: number }
  /** Goes on in `table` (the current one when left out) as if from `port`; `ct`: with the connection's original tuple. */
  resubmit: { readonly port?: number; readonly table?: number; readonly ct?: boolean }
  ct: {
    readonly commit?: boolean
    readonly force?: boolean
    readonly zone?: number | Subfield
    /** Goes on there after tracking. */
    readonly table?: number
    /** Port number of the helper's protocol: 21 is FTP, 69 TFTP. */
    readonly alg?: number
    readonly nat?: Nat
    readonly exec?: readonly Action[]
  }
  nat: Nat
  ctClear: object
  clone: { readonly actions: readonly Action[] }
  learn: {
    readonly table: number
    readonly idleTimeout?: number
    readonly hardTimeout?: number
    readonly finIdleTimeout?: number
    readonly finHardTimeout?: number
    /** 32768 when left out. */
    readonly priority?: number
    readonly cookie?: bigint
    readonly sendFlowRem?: boolean
    readonly deleteLearned?: boolean
    /** Most flows to learn; no limit when left out. */
    readonly limit?: number
    /** Bit that says whether a flow was learned within the limit. */
    readonly resultDst?: Subfield
    readonly specs: readonly LearnSpec[]
  }
  /** `clause` counts from 1 as in the text. */
  conjunction: { readonly id: number; readonly clause: number; readonly clauses: number }
  note: { readonly bytes: Uint8Array }
  exit: object
  controller: {
    /** 65535 (all) when left out. */
    readonly maxLen?: number
    /** OFPR_…; 1 (action) when left out. */
    readonly reason?: number
    readonly id?: number
    readonly userdata?: Uint8Array
    readonly meterId?: number
    readonly pause?: boolean
  }
  finTimeout: { readonly idleTimeout: number; readonly hardTimeout: number }
  sample: {
    readonly probability: number
    readonly collectorSetId: number
    readonly obsDomainId: number
    readonly obsPointId: number
    readonly samplingPort?: number
    readonly direction?: 'ingress' | 'egress'
  }
  checkPktLarger: { readonly bytes: number; readonly dst: Subfield }
  multipath: {
    readonly fields: HashFields
    readonly basis: number
    readonly algorithm: 'modulo_n' | 'hash_threshold' | 'hrw' | 'iter_hash'
    readonly links: number
    readonly arg: number
    readonly dst: Subfield
  }
  bundle: {
    readonly fields: HashFields
    readonly basis: number
    readonly algorithm: 'active_backup' | 'hrw'
    readonly members: readonly number[]
    /** Stores the chosen port here instead of sending. */
    readonly dst?: Subfield
  }
  clearActions: object
  writeActions: { readonly actions: readonly Action[] }
  writeMetadata: Masked64
  gotoTable: { readonly table: number }
  /** An action that we do not know, header included. */
  unknown: { readonly bytes: Uint8Array }
  /** An instruction that we do not know, header included. */
  unknownInstruction: { readonly bytes: Uint8Array }
}

/** The names of actions and instructions. */
export type ActionType = keyof ActionMap
/** One action by its name. */
export type ActionOf<T extends ActionType> = { [K in T]: { readonly type: K } & ActionMap[K] }[T]
/** An action or an instruction: `type` tells which. A list of them is all that a flow does. */
export type Action = ActionOf<ActionType>
