/** Flows read back without decoding matches and instructions: as fast as a controller needs to compare many. */
import { DecodeError, Reader } from './bytes.js'
import { oxsHeaders } from './messages/oxs.js'
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

/** One entry of a reply; reads are checked against its end once, not each for itself. */
interface Entry {
  readonly buffer: Buffer
  readonly view: DataView
  readonly start: number
  readonly end: number
}

function need(entry: Entry, end: number): void {
  if (end > entry.end) throw new DecodeError(`${end - entry.start} bytes of a flow expected`, entry.start)
}

/** The end of the match at `at`, padding included. */
function matchEnd(entry: Entry, at: number): number {
  need(entry, at + 4)
  const length = entry.view.getUint16(at + 2)
  if (length < 4) throw new DecodeError(`a match of ${length} bytes is too short`, at)
  const end = at + ((length + 7) & ~7)
  need(entry, end)
  return end
}

/** OpenFlow 1.5.1, §7.3.5.2; the counters are OXS fields between match and instructions. */
function since15(entry: Entry): RawFlowDesc {
  const { buffer, view, start } = entry
  const match = start + 24
  const stats = matchEnd(entry, match)
  need(entry, stats + 4)
  const last = stats + view.getUint16(stats + 2)
  const instructions = stats + ((last - stats + 7) & ~7)
  need(entry, instructions)
  const flow: RawFlowDesc = {
    table: view.getUint8(start + 4),
    priority: view.getUint16(start + 6),
    cookie: view.getBigUint64(start + 16),
    matchBytes: buffer.subarray(match, stats),
    instructionBytes: buffer.subarray(Math.max(instructions, stats + 4), entry.end),
    flags: view.getUint16(start + 12),
    idleTimeout: view.getUint16(start + 8),
    hardTimeout: view.getUint16(start + 10),
    importance: view.getUint16(start + 14),
    packets: 0n,
    bytes: 0n,
    durationSec: 0,
    durationNsec: 0,
  }
  for (let at = stats + 4; at + 4 <= last; ) {
    const header = view.getUint32(at)
    const value = at + 4
    at = value + (header & 0xff)
    if (at > last) throw new DecodeError('a statistic is longer than its list', value - 4)
    if (header === oxsHeaders.packets) flow.packets = view.getBigUint64(value)
    else if (header === oxsHeaders.bytes) flow.bytes = view.getBigUint64(value)
    else if (header === oxsHeaders.duration) {
      flow.durationSec = view.getUint32(value)
      flow.durationNsec = view.getUint32(value + 4)
    }
  }
  return flow
}

/** OpenFlow 1.3.5, §7.3.5.2. */
function before15(entry: Entry): RawFlowDesc {
  const { buffer, view, start } = entry
  const match = start + 48
  const instructions = matchEnd(entry, match)
  return {
    table: view.getUint8(start + 2),
    priority: view.getUint16(start + 12),
    cookie: view.getBigUint64(start + 24),
    matchBytes: buffer.subarray(match, instructions),
    instructionBytes: buffer.subarray(instructions, entry.end),
    flags: view.getUint16(start + 18),
    idleTimeout: view.getUint16(start + 14),
    hardTimeout: view.getUint16(start + 16),
    importance: view.getUint16(start + 20),
    packets: view.getBigUint64(start + 32),
    bytes: view.getBigUint64(start + 40),
    durationSec: view.getUint32(start + 4),
    durationNsec: view.getUint32(start + 8),
  }
}

/**
 * The flows of one reply, in the switch's order.
 * @param body the body of the reply, from byte 16 of the message on: {@link multipartBody}
 * @throws DecodeError
 */
export function* scanFlowDescs(body: Reader, version: Version): Generator<RawFlowDesc> {
  const { buffer } = body
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  const fixed = version === 6 ? 28 : 52
  while (body.remaining > 0) {
    const start = body.offset
    const length = body.remaining < 2 ? 0 : view.getUint16(start)
    if (length < fixed) throw new DecodeError(`a flow of ${length} bytes is too short`, start)
    body.skip(length)
    const entry = { buffer, view, start, end: start + length }
    yield version === 6 ? since15(entry) : before15(entry)
  }
}

/** The body of a multipart message for {@link scanFlowDescs}, given the whole message. */
export function multipartBody(message: Buffer): Reader {
  const r = new Reader(message)
  r.skip(16)
  return r
}
