/** Queues of ports: configuration and counters (OpenFlow 1.5.1, §7.3.5.8 and §7.3.5.9; OpenFlow 1.3.5, §7.3.6). */
import { type Codec, join, list, optional, pad, perVersion, sized, struct, u16, u32, u64 } from '../codec.js'
import { properties, property } from '../properties.js'
import { any } from './flow-parts.js'
import { kind, multipart } from './kind.js'

const which = struct({ port: optional(u32, any), queue: optional(u32, any) })

const counts = struct({
  port: u32,
  queue: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationSec: u32,
  durationNsec: u32,
})
const stats14 = sized(join(join(struct({ _0: pad(8) }), counts), properties({})))
/** What a switch counts about a queue (OpenFlow 1.5.1, §7.3.5.8). */
export type QueueStats = ReturnType<typeof stats14.decode>

export const [queueStatsRequest, queueStatsReply] = multipart(
  'queueStats',
  5,
  which,
  struct({ queues: list(perVersion((version): Codec<QueueStats> => (version === 4 ? counts : stats14))) }),
)

/** Rates in tenths of a per cent of the port's. */
const rates = { minRate: property(1, u16, { least: 4 }), maxRate: property(2, u16, { least: 4 }) } as const
const rates13 = properties({
  minRate: property(1, u16, { lead: 4, least: 8 }),
  maxRate: property(2, u16, { lead: 4, least: 8 }),
})
const desc = sized(join(struct({ port: u32, queue: u32, _: pad(8) }), properties(rates)), 8)
/** A queue as a switch describes it (OpenFlow 1.5.1, §7.3.5.10). */
export type QueueDesc = ReturnType<typeof desc.decode>

export const [queueDescRequest, queueDescReply] = multipart(
  'queueDesc',
  [{ multipart: 15, first: 5 }],
  which,
  struct({ queues: list(desc) }),
)

const desc13 = sized(join(struct({ queue: u32, port: u32, _: pad(8) }), rates13), 8)

/** OpenFlow 1.3 only; later versions have `queueDescRequest`. */
export const queueConfigRequest = kind(
  'queueConfigRequest',
  [{ type: 22, last: 4 }],
  struct({ port: optional(u32, any), _: pad(4) }),
)
export const queueConfigReply = kind(
  'queueConfigReply',
  [{ type: 23, last: 4 }],
  struct({ port: u32, _: pad(4), queues: list(desc13) }),
)
