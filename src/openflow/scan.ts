/** Flows read back without decoding matches and instructions: as fast as a controller needs to compare many. */
import { DecodeError, Reader } from './bytes.js'
import { flowStats } from './messages/oxs.js'
import type { Version } from './version.js'

/** A flow as the switch has it, with match and instructions as bytes; views of the message. */
export interface RawFlowDesc {
  table: number
  priority: number
  cookie: bigint
  /** The whole `ofp_match`, padding included. */
  matchBytes: Buffer
  /** All instructions. */
  instructionBytes: Buffer
  flags: number
  /** Seconds; 0 is for ever. */
  idleTimeout: number
  hardTimeout: number
  importance: number
  packets: bigint
  bytes: bigint
  durationSec: number
  durationNsec: number
}

function matchOf(r: Reader): Buffer {
  if (r.remaining < 4) throw new DecodeError('a match is missing', r.offset)
  const length = r.buffer.readUInt16BE(r.offset + 2)
  if (length < 4) throw new DecodeError(`a match of ${length} bytes is too short`, r.offset)
  return r.bytes((length + 7) & ~7)
}

function since15(r: Reader): RawFlowDesc {
  r.skip(2)
  const table = r.u8()
  r.skip(1)
  const priority = r.u16()
  const idleTimeout = r.u16()
  const hardTimeout = r.u16()
  const flags = r.u16()
  const importance = r.u16()
  const cookie = r.u64()
  const matchBytes = matchOf(r)
  const { packets = 0n, bytes = 0n, durationSec = 0, durationNsec = 0 } = flowStats.decode(r, 6)
  return {
    table,
    priority,
    cookie,
    matchBytes,
    instructionBytes: r.rest(),
    flags,
    idleTimeout,
    hardTimeout,
    importance,
    packets,
    bytes,
    durationSec,
    durationNsec,
  }
}

function before15(r: Reader): RawFlowDesc {
  const table = r.u8()
  r.skip(1)
  const durationSec = r.u32()
  const durationNsec = r.u32()
  const priority = r.u16()
  const idleTimeout = r.u16()
  const hardTimeout = r.u16()
  const flags = r.u16()
  const importance = r.u16()
  r.skip(2)
  const cookie = r.u64()
  const packets = r.u64()
  const bytes = r.u64()
  const matchBytes = matchOf(r)
  return {
    table,
    priority,
    cookie,
    matchBytes,
    instructionBytes: r.rest(),
    flags,
    idleTimeout,
    hardTimeout,
    importance,
    packets,
    bytes,
    durationSec,
    durationNsec,
  }
}

/**
 * The flows of one reply, in the switch's order.
 * @param body the body of the reply, from byte 16 of the message on: {@link multipartBody}
 * @throws DecodeError
 */
export function* scanFlowDescs(body: Reader, version: Version): Generator<RawFlowDesc> {
  while (body.remaining > 0) {
    const start = body.offset
    const length = body.u16()
    if (length < 2) throw new DecodeError(`a flow of ${length} bytes is too short`, start)
    const r = body.window(length - 2)
    yield version === 6 ? since15(r) : before15(r)
  }
}

/** The body of a multipart message for {@link scanFlowDescs}, given the whole message. */
export function multipartBody(message: Buffer): Reader {
  const r = new Reader(message)
  r.skip(16)
  return r
}
