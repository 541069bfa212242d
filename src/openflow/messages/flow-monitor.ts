/**
 * The switch reports each change of its flows (OpenFlow 1.5.1, §7.3.5.19). For OpenFlow 1.3 the same exists as the
 * ONF's extension 187, with other numbers; both are one kind of message here.
 */
import type { Action } from '../action.js'
import type { Reader, Writer } from '../bytes.js'
import {
  type Codec,
  list,
  named,
  optional,
  pad,
  perVersion,
  rest,
  sized,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../codec.js'
import type { Match } from '../match.js'
import type { Version } from '../version.js'
import { allTables, any, instructions, match, removedReason } from './flow-parts.js'
import { Experimenter, empty, experimenterMultipart, kind, multipart, onf } from './kind.js'

/** OFPFMF_*: which changes, and with which details. */
export const MonitorFlag = {
  initial: 1,
  add: 2,
  removed: 4,
  modify: 8,
  instructions: 16,
  /** Own changes in full too, instead of abbreviated; Open vSwitch takes it in OpenFlow 1.3 only. */
  noAbbreviation: 32,
  /** Only own changes; since OpenFlow 1.4. */
  onlyOwn: 64,
} as const

const request14 = struct({
  monitor: u32,
  outPort: optional(u32, any),
  outGroup: optional(u32, any),
  /** {@link MonitorFlag}. */
  flags: optional(u16, 0),
  table: optional(u8, allTables),
  command: optional(named(u8, { add: 0, modify: 1, delete: 2 }), 'add'),
  match: optional(match, {}),
})
/** Which changes of which flows a monitor wants (OpenFlow 1.5.1, §7.3.5.19). */
export type FlowMonitor = ReturnType<typeof request14.decode>

const request13Head = struct({
  monitor: u32,
  flags: u16,
  matchLength: u16,
  outPort: u32,
  table: u8,
  _: pad(3),
})

const request13: Codec<FlowMonitor> = {
  encode(w, { monitor, flags = 0, outPort = any, table = allTables, match: wanted = {} }, version) {
    const start = w.length
    request13Head.encode(w, { monitor, flags, matchLength: 0, outPort, table }, version)
    const at = w.length
    match.encode(w, wanted, version)
    w.patchU16(start + 6, w.length - at)
  },
  decode(r, version) {
    const { matchLength: _, ...head } = request13Head.decode(r, version)
    return { ...head, match: match.decode(r, version) }
  },
}

const changes = ['initial', 'added', 'removed', 'modified'] as const

/** A flow that came, went or changed, as a monitor tells it. */
export interface FlowChange {
  event: (typeof changes)[number]
  table: number
  /** Why it was removed; without a meaning for other events. */
  reason: ReturnType<typeof removedReason.decode>
  /** Seconds; 0 is for ever. */
  idleTimeout: number
  hardTimeout: number
  priority: number
  cookie: bigint
  match: Match
  /** Empty unless the monitor asked for instructions. */
  actions: readonly Action[]
}

/** One change. `abbreviated` is our own change, by the message with that transaction id. */
export type FlowUpdate =
  | FlowChange
  | { event: 'abbreviated'; xid: number }
  | { event: 'paused' }
  | { event: 'resumed' }
  | { event: 'unknown'; number: number; data: Buffer }

const change14 = struct({
  table: u8,
  reason: removedReason,
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  _: pad(4),
  cookie: u64,
  match,
  actions: instructions,
})

const change13Head = struct({
  _0: pad(1),
  reason: removedReason,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  matchLength: u16,
  table: u8,
  _1: pad(1),
  cookie: u64,
})

type ChangeBody = Omit<FlowChange, 'event'>

const change13: Codec<ChangeBody> = {
  encode(w, value, version) {
    const start = w.length
    change13Head.encode(w, { ...value, matchLength: 0 }, version)
    const at = w.length
    match.encode(w, value.match, version)
    w.patchU16(start + 8, w.length - at)
    instructions.encode(w, value.actions, version)
  },
  decode(r, version) {
    const { matchLength: _, ...head } = change13Head.decode(r, version)
    return { ...head, match: match.decode(r, version), actions: instructions.decode(r, version) }
  },
}

const change = perVersion((version): Codec<ChangeBody> => (version === 4 ? change13 : change14))

type Event = Exclude<FlowUpdate['event'], 'unknown'>
const eventsSince14: readonly Event[] = [...changes, 'abbreviated', 'paused', 'resumed']
const events13: readonly Event[] = ['added', 'removed', 'modified', 'abbreviated']

function eventNumber(event: Event, version: Version): number {
  if (version !== 4) return eventsSince14.indexOf(event)
  return Math.max(0, events13.indexOf(event))
}

const update: Codec<FlowUpdate> = sized({
  encode(w: Writer, value: FlowUpdate, version: Version) {
    w.u16(0)
    if (value.event === 'unknown') {
      u16.encode(w, value.number, version)
      rest.encode(w, value.data, version)
      return
    }
    w.u16(eventNumber(value.event, version))
    if (value.event === 'abbreviated') u32.encode(w, value.xid, version)
    else if (value.event === 'paused' || value.event === 'resumed') w.zeros(4)
    else change.encode(w, value, version)
  },
  decode(r: Reader, version: Version): FlowUpdate {
    r.skip(2)
    const number = r.u16()
    const event = (version === 4 ? events13 : eventsSince14)[number]
    if (event === undefined) return { event: 'unknown', number, data: r.rest() }
    if (event === 'abbreviated') return { event, xid: r.u32() }
    if (event === 'paused' || event === 'resumed') return { event }
    return { event, ...change.decode(r, version) }
  },
})

const monitorPlaces = [
  { multipart: 16, first: 5 },
  { multipart: experimenterMultipart, experimenter: Experimenter.onf, subtype: 1870, last: 4 },
] as const

/** The reply holds the flows that exist already; the switch sends further replies with its transaction id at each change. */
export const [flowMonitorRequest, flowMonitorReply] = multipart(
  'flowMonitor',
  monitorPlaces,
  struct({
    monitors: list(perVersion((version): Codec<FlowMonitor> => (version === 4 ? request13 : request14))),
  }),
  struct({ updates: list(update) }),
)

/** OpenFlow 1.3 only: ends a monitor. Later versions do it by `flowMonitorRequest`. */
export const flowMonitorCancel = kind('flowMonitorCancel', [onf(1870)], struct({ monitor: u32 }))
export const flowMonitorPaused = kind('flowMonitorPaused', [onf(1871)], empty)
export const flowMonitorResumed = kind('flowMonitorResumed', [onf(1872)], empty)
