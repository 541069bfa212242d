/** Ports: descriptions, changes, counters (OpenFlow 1.5.1, §7.2.1, §7.3.4.4, §7.3.5.6, §7.4.3). */
import {
  type Codec,
  ethernet,
  join,
  list,
  named,
  optional,
  pad,
  perVersion,
  sized,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../codec.js'
import { properties, property } from '../properties.js'
import { any } from './flow-parts.js'
import { kind, multipart } from './kind.js'

/** OFPPC_* and OFPPS_*. */
export const PortConfig = { down: 1, noReceive: 4, noForward: 32, noPacketIn: 64 } as const
/** OFPPS_*: no link; blocked by a protocol as spanning tree; live for fast failover. */
export const PortState = { linkDown: 1, blocked: 2, live: 4 } as const

/** Bitmaps of OFPPF_*; speeds in kbit/s. */
const link = struct({
  current: u32,
  advertised: u32,
  supported: u32,
  peer: u32,
  currentSpeed: u32,
  maxSpeed: u32,
})
const start = struct({
  port: u32,
  _1: pad(4),
  hardwareAddress: ethernet,
  _2: pad(2),
  name: text(16),
  config: u32,
  state: u32,
})

const since14 = sized(join(start, properties({ ethernet: property(0, link, { lead: 4 }) })), 4)
/** A port as a switch describes it (OpenFlow 1.5.1, §7.2.1). */
export type Port = ReturnType<typeof since14.decode>

const before14: Codec<Port> = {
  encode(w, value, version) {
    const none = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeed: 0, maxSpeed: 0 }
    start.encode(w, value, version)
    link.encode(w, value.ethernet ?? none, version)
  },
  decode: (r, version) => ({ ...start.decode(r, version), ethernet: link.decode(r, version) }),
}

const port = perVersion((version) => (version === 4 ? before14 : since14))

export const portStatus = kind(
  'portStatus',
  12,
  struct({ reason: named(u8, { add: 0, delete: 1, modify: 2 }), _: pad(7), desc: port }),
)

const portMod13 = struct({
  port: u32,
  _1: pad(4),
  hardwareAddress: ethernet,
  _2: pad(2),
  config: u32,
  /** Bits of `config` that shall change. */
  mask: u32,
  advertise: u32,
  _3: pad(4),
})
const portModHead = struct({
  port: u32,
  _1: pad(4),
  hardwareAddress: ethernet,
  _2: pad(2),
  config: u32,
  mask: u32,
})
const portMod14 = join(portModHead, properties({ advertise: property(0, u32) }))
type PortModBody = ReturnType<typeof portMod14.decode>

const portModBefore14: Codec<PortModBody> = {
  encode: (w, value, version) => portMod13.encode(w, { ...value, advertise: value.advertise ?? 0 }, version),
  decode: (r, version) => portMod13.decode(r, version),
}

export const portMod = kind(
  'portMod',
  16,
  perVersion((version) => (version === 4 ? portModBefore14 : portMod14)),
)

const allPorts = struct({ port: optional(u32, any), _: pad(4) })
const nothing: Codec<{ port?: number }> = { encode: () => undefined, decode: () => ({}) }

/** In OpenFlow 1.3 and 1.4 the request is for all ports. */
export const [portDescRequest, portDescReply] = multipart(
  'portDesc',
  13,
  perVersion((version): Codec<{ port?: number }> => (version === 6 ? allPorts : nothing)),
  struct({ ports: list(port) }),
)

const traffic = {
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
} as const
const errors = struct({ rxFrame: u64, rxOverrun: u64, rxCrc: u64, collisions: u64 })
const duration = { durationSec: u32, durationNsec: u32 } as const

/** Counters by length of packets and by kind, which Open vSwitch sends as properties of Intel's. */
const intel = 0x0000aa01
const rfc2819 = struct({
  rx1To64: u64,
  rx65To127: u64,
  rx128To255: u64,
  rx256To511: u64,
  rx512To1023: u64,
  rx1024To1522: u64,
  rx1523ToMax: u64,
  tx1To64: u64,
  tx65To127: u64,
  tx128To255: u64,
  tx256To511: u64,
  tx512To1023: u64,
  tx1024To1522: u64,
  tx1523ToMax: u64,
  txMulticast: u64,
  rxBroadcast: u64,
  txBroadcast: u64,
  rxUndersized: u64,
  rxOversize: u64,
  rxFragmented: u64,
  rxJabber: u64,
})

/** Counters with names, as the network device has them. */
const custom: Codec<{ name: string; value: bigint }[]> = {
  encode(w, counters, version) {
    u16.encode(w, counters.length, version)
    for (const { name, value } of counters) {
      const bytes = Buffer.from(name, 'latin1')
      u8.encode(w, bytes.length, version)
      w.bytes(bytes)
      u64.encode(w, value, version)
    }
  },
  decode(r) {
    const count = r.u16()
    return Array.from({ length: count }, () => ({ name: r.bytes(r.u8()).toString('latin1'), value: r.u64() }))
  },
}

const stats14 = sized(
  join(
    struct({ _0: pad(4), port: u32, ...duration, ...traffic }),
    properties({
      ethernet: property(0, errors, { lead: 4 }),
      rfc2819: property({ id: intel, subtype: 1 }, rfc2819, { lead: 4 }),
      custom: property({ id: intel, subtype: 2 }, custom, { lead: 2 }),
    }),
  ),
)
/** What a switch counts about a port (OpenFlow 1.5.1, §7.3.5.6). */
export type PortStats = ReturnType<typeof stats14.decode>

const stats13Head = struct({ port: u32, _: pad(4), ...traffic })
const stats13Tail = struct(duration)
const before14Stats: Codec<PortStats> = {
  encode(w, value, version) {
    stats13Head.encode(w, value, version)
    errors.encode(w, value.ethernet ?? { rxFrame: 0n, rxOverrun: 0n, rxCrc: 0n, collisions: 0n }, version)
    stats13Tail.encode(w, value, version)
  },
  decode(r, version) {
    const head = stats13Head.decode(r, version)
    const ethernetErrors = errors.decode(r, version)
    return { ...head, ethernet: ethernetErrors, ...stats13Tail.decode(r, version) }
  },
}

export const [portStatsRequest, portStatsReply] = multipart(
  'portStats',
  4,
  allPorts,
  struct({ ports: list(perVersion((version) => (version === 4 ? before14Stats : stats14))) }),
)
