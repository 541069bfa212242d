/** Changes of flows, and news of their end (OpenFlow 1.5.1, §7.3.4.2 and §7.4.2). */
import type { Action } from '../action.js'
import { type Codec, named, perVersion, struct, u8, u16, u32, u64 } from '../codec.js'
import { decodeInstructions, encodeInstructions } from '../instructions.js'
import { decodeMatch, encodeMatch, type Match } from '../match.js'
import type { Version } from '../version.js'
import { any, match, noBuffer, removedReason } from './flow-parts.js'
import { kind } from './kind.js'
import { flowStats } from './oxs.js'

const commands = { add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 } as const

/** What a flow-mod does; `strict` ones mean the flow of just this match and priority. */
export type FlowCommand = keyof typeof commands

export const flowCommand = named(u8, commands)

export interface FlowModBody {
  cookie?: bigint
  cookieMask?: bigint
  /** 255 is all tables, for deletions. */
  table: number
  command: FlowCommand | number
  /** Seconds; 0 is for ever. */
  idleTimeout?: number
  hardTimeout?: number
  priority?: number
  bufferId?: number
  outPort?: number
  outGroup?: number
  /** OFPFF_* as {@link encodeFlags} gives them. */
  flags?: number
  /** Flows of low importance are evicted first; since OpenFlow 1.4. */
  importance?: number
  match: Match
  actions: readonly Action[]
}

/** Written out and not described: it is the message that there are very many of. */
const flowModBody: Codec<FlowModBody> = {
  encode(w, value, version) {
    w.u64(value.cookie ?? 0n)
    w.u64(value.cookieMask ?? 0n)
    w.u8(value.table)
    flowCommand.encode(w, value.command, version)
    w.u16(value.idleTimeout ?? 0)
    w.u16(value.hardTimeout ?? 0)
    w.u16(value.priority ?? 0x8000)
    w.u32(value.bufferId ?? noBuffer)
    w.u32(value.outPort ?? any)
    w.u32(value.outGroup ?? any)
    w.u16(value.flags ?? 0)
    w.u16(version === 4 ? 0 : (value.importance ?? 0))
    encodeMatch(w, value.match, version)
    encodeInstructions(w, value.actions, version)
  },
  decode(r, version) {
    const body: FlowModBody = {
      cookie: r.u64(),
      cookieMask: r.u64(),
      table: r.u8(),
      command: flowCommand.decode(r, version),
      idleTimeout: r.u16(),
      hardTimeout: r.u16(),
      priority: r.u16(),
      bufferId: r.u32(),
      outPort: r.u32(),
      outGroup: r.u32(),
      flags: r.u16(),
      match: {},
      actions: [],
    }
    const importance = r.u16()
    if (version !== 4) body.importance = importance
    body.match = decodeMatch(r, version)
    body.actions = decodeInstructions(r, version)
    return body
  },
}

export const flowMod = kind('flowMod', 14, flowModBody)

const since15 = struct({
  table: u8,
  reason: removedReason,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  cookie: u64,
  match,
  stats: flowStats,
})

type FlowRemovedBody = ReturnType<typeof since15.decode>

const counts = struct({
  durationSec: u32,
  durationNsec: u32,
  idleTimeout: u16,
  hardTimeout: u16,
  packets: u64,
  bytes: u64,
})
const before15Head = struct({ cookie: u64, priority: u16, reason: removedReason, table: u8 })
const before15: Codec<FlowRemovedBody> = {
  encode(w, value, version) {
    before15Head.encode(w, value, version)
    const { durationSec = 0, durationNsec = 0, packets = 0n, bytes = 0n } = value.stats
    const { idleTimeout, hardTimeout } = value
    counts.encode(w, { durationSec, durationNsec, idleTimeout, hardTimeout, packets, bytes }, version)
    match.encode(w, value.match, version)
  },
  decode(r, version) {
    const head = before15Head.decode(r, version)
    const { idleTimeout, hardTimeout, ...stats } = counts.decode(r, version)
    return { ...head, idleTimeout, hardTimeout, match: match.decode(r, version), stats }
  },
}

export const flowRemoved = kind(
  'flowRemoved',
  11,
  perVersion((version) => (version === 6 ? since15 : before15)),
)

/** A change of a flow whose match and instructions are encoded already. */
export interface EncodedFlowMod {
  readonly command: FlowCommand
  readonly table: number
  readonly priority: number
  readonly cookie: bigint
  readonly cookieMask?: bigint
  /** The whole `ofp_match`, padding included. */
  readonly matchBytes: Uint8Array
  readonly instructionBytes: Uint8Array
  readonly idleTimeout?: number
  readonly hardTimeout?: number
  readonly importance?: number
  readonly flags?: number
}

const flowModHead = 48
const low32 = 0xffffffffn

/**
 * The bytes of a FLOW_MOD from a match and instructions that are encoded already (OpenFlow 1.3 to 1.5).
 * The transaction id is 0 unless given: a bundle writes its own.
 */
export function encodeFlowMod(mod: EncodedFlowMod, version: Version, xid = 0): Buffer {
  const { matchBytes, instructionBytes } = mod
  const length = flowModHead + matchBytes.length + instructionBytes.length
  const bytes = Buffer.allocUnsafe(length)
  bytes.writeUInt32BE(version * 0x1000000 + 0x0e0000 + length, 0)
  bytes.writeUInt32BE(xid, 4)
  writeU64(bytes, 8, mod.cookie)
  writeU64(bytes, 16, mod.cookieMask ?? 0n)
  bytes[24] = mod.table
  bytes[25] = commands[mod.command]
  bytes.writeUInt16BE(mod.idleTimeout ?? 0, 26)
  bytes.writeUInt16BE(mod.hardTimeout ?? 0, 28)
  bytes.writeUInt16BE(mod.priority, 30)
  bytes.fill(0xff, 32, 44)
  bytes.writeUInt16BE(mod.flags ?? 0, 44)
  bytes.writeUInt16BE(version >= 5 ? (mod.importance ?? 0) : 0, 46)
  bytes.set(matchBytes, flowModHead)
  bytes.set(instructionBytes, flowModHead + matchBytes.length)
  return bytes
}

function writeU64(bytes: Buffer, at: number, value: bigint): void {
  bytes.writeUInt32BE(Number(value >> 32n), at)
  bytes.writeUInt32BE(Number(value & low32), at + 4)
}
