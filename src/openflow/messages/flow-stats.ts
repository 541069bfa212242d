/** Flows read back: description with counters, and sums (OpenFlow 1.5.1, §7.3.5.2 to §7.3.5.5). */
import { type Codec, list, optional, pad, perVersion, sized, struct, u8, u16, u32, u64 } from '../codec.js'
import { allTables, any, instructions, match } from './flow-parts.js'
import { multipart } from './kind.js'
import { type FlowStats, flowStats } from './oxs.js'

/** Which flows: all unless the request says less. */
const flowsRequest = struct({
  table: optional(u8, allTables),
  _1: pad(3),
  outPort: optional(u32, any),
  outGroup: optional(u32, any),
  _2: pad(4),
  cookie: optional(u64, 0n),
  cookieMask: optional(u64, 0n),
  match: optional(match, {}),
})

const flowDesc = struct({
  _0: pad(4),
  table: u8,
  _1: pad(1),
  priority: u16,
  /** Seconds; 0 is for ever. */
  idleTimeout: u16,
  hardTimeout: u16,
  flags: u16,
  importance: u16,
  cookie: u64,
  match,
  stats: flowStats,
  actions: instructions,
})

/** A flow as the switch describes it; without counters that the version has no place for. */
export type FlowDesc = ReturnType<typeof flowDesc.decode>

const since15: Codec<FlowDesc> = sized(flowDesc)

/** `struct ofp_flow_stats` of OpenFlow 1.3 and 1.4. */
const wire13 = sized(
  struct({
    _0: pad(2),
    table: u8,
    _1: pad(1),
    durationSec: u32,
    durationNsec: u32,
    priority: u16,
    idleTimeout: u16,
    hardTimeout: u16,
    flags: u16,
    /** Zero in OpenFlow 1.3. */
    importance: u16,
    _2: pad(2),
    cookie: u64,
    packets: u64,
    bytes: u64,
    match,
    actions: instructions,
  }),
)

const before15: Codec<FlowDesc> = {
  encode(w, flow, version) {
    const { durationSec = 0, durationNsec = 0, packets = 0n, bytes = 0n } = flow.stats
    wire13.encode(w, { ...flow, durationSec, durationNsec, packets, bytes }, version)
  },
  decode(r, version) {
    const flow = wire13.decode(r, version)
    const { table, priority, idleTimeout, hardTimeout, flags, importance, cookie, match, actions } = flow
    const { durationSec, durationNsec, packets, bytes } = flow
    const stats = { durationSec, durationNsec, packets, bytes }
    return { table, priority, idleTimeout, hardTimeout, flags, importance, cookie, match, stats, actions }
  },
}

export const [flowDescRequest, flowDescReply] = multipart(
  'flowDesc',
  1,
  flowsRequest,
  struct({ flows: list(perVersion((version) => (version === 6 ? since15 : before15))) }),
)

const sums13 = struct({ packets: u64, bytes: u64, flows: u32, _: pad(4) })
const aggregate: Codec<FlowStats> = {
  encode(w, stats, version) {
    const { packets = 0n, bytes = 0n, flows = 0 } = stats
    if (version === 6) flowStats.encode(w, stats, version)
    else sums13.encode(w, { packets, bytes, flows }, version)
  },
  decode: (r, version) => (version === 6 ? flowStats : sums13).decode(r, version),
}

export const [aggregateRequest, aggregateReply] = multipart(
  'aggregate',
  2,
  flowsRequest,
  struct({ stats: aggregate }),
)
