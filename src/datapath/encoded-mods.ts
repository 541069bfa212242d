import {
  decodeInstructions,
  decodeMatch,
  encodeFlowMod,
  encodeInstructions,
  encodeMatch,
  Reader,
  type Version,
  Writer,
} from '../openflow/index.js'
import { cookieOf, instructionsOf, keyParts } from '../pipeline/flow.js'
import { nativeVersion } from '../pipeline/native-version.js'
import type { FlowMod } from './switch.js'

const none = Buffer.alloc(0)

/** The flow-mods of a version, as bytes of whole messages. */
export function* encodedMods(mods: readonly FlowMod[], version: Version): Generator<Buffer> {
  for (const mod of mods) yield version === nativeVersion ? composed(mod) : translated(mod, version)
}

/** Flow-mods without match and instructions: what stands before those (OpenFlow 1.5.1, §7.3.4.2). */
const heads = { add: headOf('add'), deleteStrict: headOf('deleteStrict') } as const

function headOf(command: 'add' | 'deleteStrict'): Buffer {
  const parts = { table: 0, priority: 0, cookie: 0n, matchBytes: none, instructionBytes: none }
  return encodeFlowMod({ command, ...parts }, nativeVersion)
}

/** Bytes of a key before the match, and of a content before the instructions. */
const before = { match: 3, instructions: 8 } as const

/**
 * The two strings of a flow are what the message has, apart from the order: they are written over each other from the
 * message's end to its start, so that each covers what of the one before belongs elsewhere.
 */
function composed({ key, content }: FlowMod): Buffer {
  const head = content === undefined ? heads.deleteStrict : heads.add
  const end = head.length + key.length - before.match
  const length = content === undefined ? end : end + content.length - before.instructions
  const bytes = Buffer.allocUnsafe(length)
  if (content !== undefined) bytes.write(content, end - before.instructions, 'latin1')
  bytes.write(key, head.length - before.match, 'latin1')
  head.copy(bytes)
  bytes.writeUInt16BE(length, 2)
  if (content !== undefined) bytes.write(content, 8, 8, 'latin1')
  bytes[24] = key.charCodeAt(0)
  bytes[30] = key.charCodeAt(1)
  bytes[31] = key.charCodeAt(2)
  return bytes
}

function translated({ key, content }: FlowMod, version: Version): Buffer {
  const { table, priority, match } = keyParts(key)
  const body = content === undefined ? none : instructionsOf(content)
  const [matchBytes, instructionBytes] = translate(match, body, nativeVersion, version)
  const command = content === undefined ? 'deleteStrict' : 'add'
  const cookie = content === undefined ? 0n : cookieOf(content)
  return encodeFlowMod({ command, table, priority, cookie, matchBytes, instructionBytes }, version)
}

/** Match and instructions of one version in the encoding of another. */
export function translate(
  match: Buffer,
  instructions: Buffer,
  from: Version,
  to: Version,
): readonly [Buffer, Buffer] {
  if (from === to) return [match, instructions]
  const one = new Writer()
  encodeMatch(one, decodeMatch(new Reader(match), from), to)
  const other = new Writer()
  encodeInstructions(other, decodeInstructions(new Reader(instructions), from), to)
  return [one.finish(), other.finish()]
}
