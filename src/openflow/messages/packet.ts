/** Packets to and from the controller (OpenFlow 1.5.1, §7.3.6 and §7.4.1), and Nicira's packet-in with user data. */

import type { Action } from '../action.js'
import { EncodeError } from '../bytes.js'
import { type Codec, named, optional, pad, rest, struct, u8, u16, u32, u64 } from '../codec.js'
import type { Match } from '../match.js'
import { properties, property } from '../properties.js'
import { actions, fields, match, noBuffer } from './flow-parts.js'
import { kind, nicira } from './kind.js'

/** OFPR_*: why the switch sends the packet; in OpenFlow 1.3 `applyAction` stands for all kinds of actions. */
export const packetReason = named(u8, {
  noMatch: 0,
  applyAction: 1,
  invalidTtl: 2,
  actionSet: 3,
  group: 4,
  packetOut: 5,
})

export const packetIn = kind(
  'packetIn',
  10,
  struct({
    bufferId: u32,
    /** Bytes of the whole packet, of which `data` may be the beginning. */
    totalLength: u16,
    reason: packetReason,
    table: u8,
    cookie: u64,
    match,
    _: pad(2),
    data: rest,
  }),
)

const packetIn2Properties = properties({
  packet: property(0, rest),
  /** Bytes of the whole packet, when `packet` is only its beginning. */
  fullLength: property(1, u32),
  bufferId: property(2, u32),
  table: property(3, u8),
  cookie: property(4, u64, { lead: 4 }),
  reason: property(5, packetReason),
  /** Port and other fields that are not in the packet. */
  metadata: property(6, fields),
  /** From the `controller` action that sent the packet. */
  userdata: property(7, rest),
  /** To be handed back in `nxResume`. */
  continuation: property(8, rest, { lead: 4 }),
})

/** NXT_PACKET_IN2: what the switch sends after `setPacketInFormat` 'nxt2'. */
export const packetIn2 = kind('packetIn2', [nicira(30)], packetIn2Properties)
/** NXT_RESUME: goes on with a packet that a `controller(pause)` action stopped. */
export const resume = kind('resume', [nicira(28)], packetIn2Properties)

export interface PacketOutBody {
  bufferId?: number
  /** The port from which the packet seems to come: OFPP_CONTROLLER or a port of the bridge. */
  inPort: number
  /** More fields that the packet shall have; since OpenFlow 1.5. */
  match?: Match
  actions: readonly Action[]
  data: Buffer
}

const outSince15 = struct({ bufferId: optional(u32, noBuffer), length: u16, _: pad(2), match })
const outBefore15 = struct({ bufferId: optional(u32, noBuffer), inPort: u32, length: u16, _: pad(6) })

const packetOutBody: Codec<PacketOutBody> = {
  encode(w, { bufferId = noBuffer, inPort, ...value }, version) {
    const start = w.length
    if (version === 6)
      outSince15.encode(w, { bufferId, length: 0, match: { ...value.match, inPort } }, version)
    else if (value.match !== undefined)
      throw new EncodeError('a packet-out has a match since OpenFlow 1.5 only')
    else outBefore15.encode(w, { bufferId, inPort, length: 0 }, version)
    const at = w.length
    actions.encode(w, value.actions, version)
    w.patchU16(start + (version === 6 ? 4 : 8), w.length - at)
    w.bytes(value.data)
  },
  decode(r, version) {
    if (version !== 6) {
      const { bufferId, inPort, length } = outBefore15.decode(r, version)
      const list = actions.decode(r.window(length), version)
      return { ...(bufferId === undefined ? {} : { bufferId }), inPort, actions: list, data: r.rest() }
    }
    const head = outSince15.decode(r, version)
    const { inPort, ...more } = head.match
    const list = actions.decode(r.window(head.length), version)
    return {
      ...(head.bufferId === undefined ? {} : { bufferId: head.bufferId }),
      inPort: typeof inPort === 'number' ? inPort : 0,
      ...(Object.keys(more).length === 0 ? {} : { match: more }),
      actions: list,
      data: r.rest(),
    }
  },
}

export const packetOut = kind('packetOut', 13, packetOutBody)

/** NXT_SET_PACKET_IN_FORMAT: the standard's packet-in, or one of Nicira's two. */
export const setPacketInFormat = kind(
  'setPacketInFormat',
  [nicira(16)],
  struct({ format: named(u32, { standard: 0, nxt: 1, nxt2: 2 }) }),
)

/** NXT_SET_CONTROLLER_ID: which `controller(id=…)` actions reach this connection. */
export const setControllerId = kind('setControllerId', [nicira(20)], struct({ _: pad(6), id: u16 }))
