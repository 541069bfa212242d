/** A flow as a value, and what a switch adds to it. */
import type { Action } from './action.js'
import type { Match } from './match.js'

/** Properties of a flow that the switch only keeps (OFPFF_…, OpenFlow 1.5.1, §7.3.4.2). */
export interface FlowFlags {
  readonly sendFlowRem?: boolean
  readonly checkOverlap?: boolean
  readonly resetCounts?: boolean
  readonly noPacketCounts?: boolean
  readonly noByteCounts?: boolean
}

/** What a table holds: where it stands, what it matches, what it does, how long it lives. */
export interface Flow {
  readonly table: number
  readonly priority: number
  readonly cookie: bigint
  readonly match: Match
  readonly actions: readonly Action[]
  /** Seconds; 0 or left out: no timeout. */
  readonly idleTimeout?: number
  readonly hardTimeout?: number
  /** What goes first when the table is full goes last when this is high. */
  readonly importance?: number
  readonly flags?: FlowFlags
}

/** What a switch counts about a flow. */
export interface FlowCounters {
  /** Age. */
  readonly seconds: number
  readonly nanoseconds: number
  readonly packets: bigint
  readonly bytes: bigint
  /** Seconds since the last packet and the last change, where the switch tells them. */
  readonly idleAge?: number
  readonly hardAge?: number
}

/** Flags of a flow with their words and bits (OFPFF_…, OpenFlow 1.5.1, §7.3.4.2). */
export const flowFlags: readonly (readonly [flag: keyof FlowFlags, word: string, bit: number])[] = [
  ['sendFlowRem', 'send_flow_rem', 1],
  ['checkOverlap', 'check_overlap', 2],
  ['resetCounts', 'reset_counts', 4],
  ['noPacketCounts', 'no_packet_counts', 8],
  ['noByteCounts', 'no_byte_counts', 16],
]

/** Flags as one number. */
export function encodeFlags(flags: FlowFlags = {}): number {
  return flowFlags.reduce((bits, [name, , bit]) => (flags[name] ? bits | bit : bits), 0)
}

/** The flags of a number. */
export function decodeFlags(bits: number): FlowFlags {
  if (bits === 0) return {}
  return Object.fromEntries(flowFlags.filter(([, , bit]) => bits & bit).map(([name]) => [name, true]))
}
