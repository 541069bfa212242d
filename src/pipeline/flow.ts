/** Who wants a flow; its id decides where several want different things. */
export interface FlowSource {
  readonly id: string
}

/**
 * One flow, encoded; or a group or a meter, whose key is {@link groupOrMeterKey} and whose content is
 * {@link groupContent} or {@link meterContent}. Both strings hold one byte per character (latin1), which makes them keys of maps, compares them
 * at memory speed, and keeps a flow at a few hundred bytes.
 */
export interface Flow {
  /** What identifies a flow in a switch: table (1 byte), priority (2 bytes), the ofp_match structure. */
  readonly key: string
  /** What the flow does: cookie (8 bytes), then the instructions. */
  readonly content: string
  /** The unit that made it. */
  readonly unit: FlowSource
}

/** The table byte in the key of what is no flow: OFPTT_ALL, in which no flow is (OpenFlow 1.5.1, §7.3.4.1). */
const noTable = 0xff

/** By the second byte of the key: keys in order are meters, then groups from the lowest number to the highest. */
const kinds = ['meter', 'group'] as const

/** A group or a meter, by its number. */
export interface GroupOrMeter {
  readonly kind: (typeof kinds)[number]
  readonly number: number
}

/** The key of a group or meter: apart from those of all flows. */
export function groupOrMeterKey({ kind, number }: GroupOrMeter): string {
  const bytes = Buffer.of(noTable, kinds.indexOf(kind), 0, 0, 0, 0)
  bytes.writeUInt32BE(number, 2)
  return bytes.toString('latin1')
}

/** Whether a key is a flow's. */
export function isFlowKey(key: string): boolean {
  return key.charCodeAt(0) !== noTable
}

/** The group or meter that a key is of; undefined for a flow's key. */
export function groupOrMeterOf(key: string): GroupOrMeter | undefined {
  if (isFlowKey(key)) return undefined
  const bytes = Buffer.from(key, 'latin1')
  return { kind: bytes[1] === 0 ? 'meter' : 'group', number: bytes.readUInt32BE(2) }
}

/** The key of a flow from its parts; `match` is the whole ofp_match structure with its padding. */
export function flowKey(table: number, priority: number, match: Buffer): string {
  const bytes = Buffer.allocUnsafe(3 + match.length)
  bytes[0] = table
  bytes[1] = priority >>> 8
  bytes[2] = priority
  bytes.set(match, 3)
  // One piece: strings that are put together keep their parts, which costs as much again for each flow.
  return bytes.toString('latin1')
}

/** The content of a flow from its parts, as {@link Flow} has it. */
export function flowContent(cookie: bigint, instructions: Buffer): string {
  const bytes = Buffer.allocUnsafe(8 + instructions.length)
  bytes.writeBigUInt64BE(cookie)
  bytes.set(instructions, 8)
  return bytes.toString('latin1')
}

export interface FlowParts {
  readonly table: number
  readonly priority: number
  readonly match: Buffer
}

/** The parts of a key. */
export function keyParts(key: string): FlowParts {
  const bytes = Buffer.from(key, 'latin1')
  return { table: bytes.readUInt8(0), priority: bytes.readUInt16BE(1), match: bytes.subarray(3) }
}

/** The cookie at the head of a content. */
export function cookieOf(content: string): bigint {
  return Buffer.from(content.slice(0, 8), 'latin1').readBigUInt64BE()
}

/** The instructions of a content. */
export function instructionsOf(content: string): Buffer {
  return Buffer.from(content.slice(8), 'latin1')
}

/** Whether two flows do the same; whose they are does not count. */
export function sameInstructions(a: Flow, b: Flow): boolean {
  return a.content.length === b.content.length && a.content.slice(8) === b.content.slice(8)
}
