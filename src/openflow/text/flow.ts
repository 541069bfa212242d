/** Flows as lines of `ovs-ofctl dump-flows`. */
import type { Action } from '../action.js'
import type { Match } from '../match.js'
import { flowFlags } from '../words.js'
import { formatActions } from './actions.js'
import { formatMatch } from './match.js'

/** Properties of a flow that the switch only keeps (OFPFF_…, OpenFlow 1.5.1, §7.3.4.2). */
export interface FlowFlags {
  readonly sendFlowRem?: boolean
  readonly checkOverlap?: boolean
  readonly resetCounts?: boolean
  readonly noPacketCounts?: boolean
  readonly noByteCounts?: boolean
}

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

/** Flags as one number. */
export function encodeFlags(flags: FlowFlags = {}): number {
  return flowFlags.reduce((bits, [name, , bit]) => (flags[name] ? bits | bit : bits), 0)
}

/** The flags of a number. */
export function decodeFlags(bits: number): FlowFlags {
  return Object.fromEntries(flowFlags.filter(([, , bit]) => bits & bit).map(([name]) => [name, true]))
}

/** Seconds with as many decimals as are needed, three at least if any. */
function formatDuration(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}s`
  if (nanoseconds % 1e6 === 0) return `${seconds}.${String(nanoseconds / 1e6).padStart(3, '0')}s`
  return `${seconds}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}s`
}

function formatCounters({ seconds, nanoseconds, packets, bytes }: FlowCounters): [string, string] {
  const counter = (value: bigint): string => (value === 0xffffffffffffffffn ? '?' : String(value))
  return [
    `duration=${formatDuration(seconds, nanoseconds)}, `,
    `n_packets=${counter(packets)}, n_bytes=${counter(bytes)}, `,
  ]
}

/** What stands between counters and match. */
function formatProperties({ idleTimeout = 0, hardTimeout = 0, importance = 0, flags = {} }: Flow): string {
  const words = flowFlags.filter(([name]) => flags[name]).map(([, word]) => `${word} `)
  return (
    (idleTimeout ? `idle_timeout=${idleTimeout}, ` : '') +
    (hardTimeout ? `hard_timeout=${hardTimeout}, ` : '') +
    words.join('') +
    (importance ? `importance=${importance}, ` : '')
  )
}

function formatAges({ idleAge, hardAge, seconds }: FlowCounters): string {
  return (
    (idleAge === undefined ? '' : `idle_age=${idleAge}, `) +
    (hardAge === undefined || hardAge === seconds ? '' : `hard_age=${hardAge}, `)
  )
}

/** One line of `ovs-ofctl --no-names dump-flows`, with `--no-stats` unless `stats` gives the counters. */
export function formatFlow(flow: Flow, options?: { readonly stats?: false }): string
export function formatFlow(flow: Flow & FlowCounters, options: { readonly stats: boolean }): string
export function formatFlow(
  flow: Flow & Partial<FlowCounters>,
  { stats = false }: { readonly stats?: boolean } = {},
): string {
  const { table, priority, cookie, match, actions } = flow
  const { seconds = 0, nanoseconds = 0, packets = 0n, bytes = 0n } = flow
  const counters = { ...flow, seconds, nanoseconds, packets, bytes }
  const [duration, counts] = stats ? formatCounters(counters) : ['', '']
  const matched = formatMatch(match, { priority })
  return (
    ` ${stats || cookie !== 0n ? `cookie=0x${cookie.toString(16)}, ` : ''}${duration}` +
    `${stats || table !== 0 ? `table=${table}, ` : ''}${counts}${formatProperties(flow)}` +
    `${stats ? formatAges(counters) : ''}${matched === '' ? '' : `${matched} `}actions=${formatActions(actions)}`
  )
}
