/**
 * The switch reports each change of its flows (OpenFlow 1.5.1, §7.3.5.19). OpenFlow 1.3 has the same as an
 * extension of the ONF with other numbers; both are one kind of message here.
 */
import { type Codec, list, named, optional, pad, perVersion, struct, u8, u16, u32, u64 } from '../codec.js'
import { DecodeError, type Reader } from '../bytes.js'
import type { Action } from '../action.js'
import type { Match } from '../match.js'
import type { Version } from '../version.js'
import { allTables, any, fields, instructions, match, removedReason } from './flow-parts.js'
import { Experimenter, empty, experimenterMultipart, kind, multipart, onf } from './kind.js'

/** OFPFMF_*: which changes, and with which details. */
export const MonitorFlag = {
  initial: 1,
  add: 2,
  removed: 4,
  modify: 8,
  instructions: 16,
  /** Own changes in full too, instead of `abbreviated`. */
  noAbbreviation: 32,
  /** Only own changes; since OpenFlow 1.4. */
  onlyOwn: 64,
} as const

const monitorCommand = named(u8, { add: 0, modify: 1, delete: 2 })

const request14 = struct({
  monitor: u32,
  outPort: optional(u32, any),
  outGroup: optional(u32, any),
  flags: u16,
  table: optional(u8, allTables),
  command: optional(monitorCommand, 'add'),
  match: optional(match, {}),
})
export type FlowMonitorRequest = ReturnType<typeof request14.decode>

const head13 = struct({ monitor: u32, flags: u16, matchLength: u16, outPort: u32, table: u8, _: pad(3) })
const request13: Codec<FlowMonitorRequest> = {
  encode(w, { monitor, flags, outPort = any, table = allTables, match: wanted = {} }, version) {
    const start = w.length
    head13.encode(w, { monitor, flags, matchLength: 0, outPort, table }, version)
    const at = w.length
    fields.encode(w, wanted, version)
    w.patchU16(start + 6, w.length - at)
    w.pad(8, at)
  },
  decode(r, version) {
    const { matchLength, ...head } = head13.decode(r, version)
    const at = r.offset
    const wanted = fields.decode(r.window(matchLength), version)
    r.align(8, at)
    return { ...head, match: wanted }
  },
}

export interface FlowChange {
  event: 'initial' | 'added' | 'removed' | 'modified'
  table: number
  /** Why it was removed. */
  reason?: ReturnType<typeof removedReason.decode>
  /** Seconds; 0 is for ever. */
  idleTimeout: number
  hardTimeout: number
  priority: number
  cookie: bigint
  match: Match
  /** Absent unless the monitor asked for instructions, and for removed flows. */
  actions: readonly Action[]
}

/** One change; `abbreviated` is our own change by the message with that transaction id. */
export type FlowUpdate =
  | FlowChange
  | { event: 'abbreviated'; xid: number }
  | { event: 'paused' | 'resumed' }
  | { event: 'unknown'; number: number; data: Buffer }

const events14 = ['initial', 'added', 'removed', 'modified', 'abbreviated', 'paused', 'resumed'] as const
const events13 = ['added', 'removed', 'modified', 'abbreviated'] as const

function decodeChange(r: Reader, version: Version, event: FlowChange['event']): FlowChange {
  if (version !== 4) {
    const table = r.u8()
    const reason = removedReason.decode(r, version)
    const timeouts = { idleTimeout: r.u16(), hardTimeout: r.u16() }
    const priority = r.u16()
    r.skip(4)
    const flow = { table, ...timeouts, priority, cookie: r.u64(), match: match.decode(r, version) }
    return { event, ...(event === 'removed' ? { reason } : {}), ...flow, actions: instructions.decode(r, version) }
  }
  r.skip(1)
  const reason = removedReason.decode(r, version)
  const priority = r.u16()
  const timeouts = { idleTimeout: r.u16(), hardTimeout: r.u16() }
  const matchLength = r.u16()
  const table = r.u8()
  r.skip(1)
  const cookie = r.u64()
  const at = r.offset
  const flow = { table, ...timeouts, priority, cookie, match: fields.decode(r.window(matchLength), version) }
  r.align(8, at)
  return { event, ...(event === 'removed' ? { reason } : {}), ...flow, actions: instructions.decode(r, version) }
}

const head14 = struct({ table: u8, reason: removedReason, idleTimeout: u16, hardTimeout: u16, priority: u16, _: pad(4), cookie: u64 })
const change13 = struct({ _0: pad(1), reason: removedReason, priority: u16, idleTimeout: u16, hardTimeout: u16, matchLength: u16, table: u8, _1: pad(1), cookie: u64 })
