/**
 * Older forms of messages that Open vSwitch takes in every version beside the standard's (include/openflow/nicira-ext.h):
 * it sends none of them in OpenFlow 1.3 to 1.5 by itself, but what it records or forwards may be one.
 */
import { Reader } from '../bytes.js'
import { type Codec, join, list, named, pad, rest, struct, u8, u16, u32, u64 } from '../codec.js'
import { decodeFields, encodeFields, type Match } from '../match.js'
import { narrowPort, widenPort } from '../ports.js'
import { flowCommand } from './flow-mod.js'
import { fields, instructions, removedReason } from './flow-parts.js'
import { Experimenter, empty, experimenterMultipart, field, kind, multipart, nicira } from './kind.js'
import { packetReason } from './packet.js'

/** NXM_NX_COOKIE, the field of a match that is no packet's: which cookies the flows to change have. */
const cookieHeader = 0x00013c08
const maskedCookieHeader = 0x00013d10

interface MatchAndCookie {
  match: Match
  /** Flows whose cookie has this value under `oldCookieMask` are meant. */
  oldCookie?: bigint
  oldCookieMask?: bigint
}

/** Where in the fields the cookie stands, whose header is that of another field but for the length. */
function findCookie(r: Reader): number | undefined {
  for (let at = r.offset; at + 4 <= r.end; at += 4 + r.buffer.readUInt8(at + 3)) {
    const head = r.buffer.readUInt32BE(at)
    if (head === cookieHeader || head === maskedCookieHeader) return at
  }
  return undefined
}

const allOnes = 0xffffffffffffffffn

/** Fields, among which may be the cookie. */
const matchAndCookie: Codec<MatchAndCookie> = {
  encode(w, { match, oldCookie = 0n, oldCookieMask = 0n }, version) {
    encodeFields(w, match, version)
    if (oldCookieMask === 0n) return
    w.u32(oldCookieMask === allOnes ? cookieHeader : maskedCookieHeader)
    w.u64(oldCookie & oldCookieMask)
    if (oldCookieMask !== allOnes) w.u64(oldCookieMask)
  },
  decode(r) {
    const at = findCookie(r)
    if (at === undefined) return { match: decodeFields(r) }
    const cookie = new Reader(r.buffer, at, r.end)
    const masked = cookie.u32() === maskedCookieHeader
    const oldCookie = cookie.u64()
    const oldCookieMask = masked ? cookie.u64() : allOnes
    const others = Buffer.concat([r.buffer.subarray(0, at), r.buffer.subarray(cookie.offset, r.end)])
    const match = decodeFields(new Reader(others, r.offset))
    return { match, oldCookie, oldCookieMask }
  },
}

/** `head`, the length of the fields in the 16 bits at `lengthAt`, and the fields, padded to 8 bytes. */
function withFields<T extends object, F extends object>(
  head: Codec<T>,
  lengthAt: number,
  fields: Codec<F>,
): Codec<T & F> {
  return {
    encode(w, value, version) {
      const start = w.length
      head.encode(w, value, version)
      const from = w.length
      fields.encode(w, value, version)
      w.patchU16(start + lengthAt, w.length - from)
      w.pad(8, from)
    },
    decode(r, version) {
      const start = r.offset
      const value = head.decode(r, version)
      const from = r.offset
      const found = fields.decode(r.window(r.buffer.readUInt16BE(start + lengthAt)), version)
      r.align(8, from)
      return { ...value, ...found }
    },
  }
}

const match = field('match', fields)

const port16: Codec<number> = {
  encode: (w, port) => w.u16(narrowPort(port)),
  decode: (r) => widenPort(r.u16()),
}

/** A flow-mod whose command has the table in its upper byte. */
const flowModHead = withFields(
  struct({
    cookie: u64,
    table: u8,
    command: flowCommand,
    idleTimeout: u16,
    hardTimeout: u16,
    priority: u16,
    bufferId: u32,
    outPort: port16,
    flags: u16,
    _1: pad(2),
    _2: pad(6),
  }),
  24,
  matchAndCookie,
)

/** NXT_FLOW_MOD; `cookie` is what the flows get, and all ones leave them theirs. */
export const nxFlowMod = kind('nxFlowMod', [nicira(13)], join(flowModHead, field('actions', instructions)))

/** The table plus one; 0 for none in particular, which is 255 here. */
const tablePlusOne: Codec<number> = {
  encode: (w, table) => w.u8((table + 1) & 0xff),
  decode: (r) => (r.u8() + 0xff) & 0xff,
}

/** NXT_FLOW_REMOVED. */
export const nxFlowRemoved = kind(
  'nxFlowRemoved',
  [nicira(14)],
  withFields(
    struct({
      cookie: u64,
      priority: u16,
      reason: removedReason,
      table: tablePlusOne,
      durationSec: u32,
      durationNsec: u32,
      idleTimeout: u16,
      _: pad(2),
      packets: u64,
      bytes: u64,
    }),
    22,
    match,
  ),
)

const packetInHead = withFields(
  struct({
    bufferId: u32,
    /** Bytes of the whole packet, of which `data` may be the beginning. */
    totalLength: u16,
    reason: packetReason,
    table: u8,
    cookie: u64,
    _1: pad(2),
    _2: pad(6),
  }),
  16,
  match,
)

/** NXT_PACKET_IN: what the switch sends after `setPacketInFormat` 'nxt' in OpenFlow 1.0. */
export const nxPacketIn = kind(
  'nxPacketIn',
  [nicira(17)],
  join(packetInHead, struct({ _: pad(2), data: rest })),
)

const role = struct({ role: named(u32, { equal: 0, primary: 1, secondary: 2 }) })
/** NXT_ROLE_REQUEST: a role without a generation. */
export const nxRoleRequest = kind('nxRoleRequest', [nicira(10)], role)
export const nxRoleReply = kind('nxRoleReply', [nicira(11)], role)

/** NXT_FLOW_MOD_TABLE_ID: since OpenFlow 1.1 commands carry a table whatever this says. */
export const flowModTableId = kind(
  'flowModTableId',
  [nicira(15)],
  struct({ mode: named(u8, { disable: 0, enable: 1 }), _: pad(7) }),
)

/** NXT_FLOW_AGE, which does nothing. */
export const flowAge = kind('flowAge', [nicira(18)], empty)

/** What was exported with IPFIX; all ones is "not known". */
const ipfixStats = struct({
  flows: u64,
  currentFlows: u64,
  packets: u64,
  ipv4Packets: u64,
  ipv6Packets: u64,
  errors: u64,
  ipv4Errors: u64,
  ipv6Errors: u64,
  txPackets: u64,
  txErrors: u64,
  collectorSetId: u32,
  _: pad(4),
})
export type IpfixStats = ReturnType<typeof ipfixStats.decode>

const ipfix = (subtype: number) => [
  { multipart: experimenterMultipart, experimenter: Experimenter.nicira, subtype },
]

/** NXST_IPFIX_BRIDGE: what the bridge exported. */
export const [ipfixBridgeRequest, ipfixBridgeReply] = multipart('ipfixBridge', ipfix(3), empty, ipfixStats)
/** NXST_IPFIX_FLOW: what `sample` actions exported, by collector set. */
export const [ipfixFlowRequest, ipfixFlowReply] = multipart(
  'ipfixFlow',
  ipfix(4),
  empty,
  field('collectors', list(ipfixStats)),
)
