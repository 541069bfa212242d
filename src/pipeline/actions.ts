import type { FieldName, Match, Subfield } from '../openflow/flow.js'
import type { RuleAction } from './table.js'

/** OpenFlow's reserved port: back out of the port that the packet came in by (OpenFlow 1.5.1, §7.2.1). */
const inPort = 0xfffffff8

/** No actions: the packet ends here. */
export const drop: readonly RuleAction[] = []

/** Sends the packet on to a later table. */
export function goto(table: string): RuleAction {
  return { type: 'goto', table }
}

/** Runs a table on the packet and comes back: for copies, and for going back to an earlier table. */
export function call(table: string): RuleAction {
  return { type: 'call', table }
}

/** Does something with a copy of the packet: whatever becomes of that, the packet is as before. */
export function withCopy(actions: readonly RuleAction[]): RuleAction {
  return { type: 'clone', actions }
}

/** Writes a whole field: a number up to 32 bits, a bigint beyond, a string for addresses. */
export function set(field: FieldName, value: number | bigint | string): RuleAction {
  return { type: 'setField', field, value }
}

/** Writes a part of a field that is wider than 32 bits. */
export function setPart({ field, offset, bits }: Subfield, value: number): RuleAction {
  return { type: 'setField', field, ...maskedPart(offset, bits, value) }
}

/** Packets of which a part of a field that is wider than 32 bits has this value. */
export function inPart({ field, offset, bits }: Subfield, value: number): Match {
  return { [field]: maskedPart(offset, bits, value) }
}

/** Copies `bits` bits from the start of one field to the start of another. */
export function move(from: FieldName, to: FieldName, bits: number): RuleAction {
  return { type: 'move', src: bitsOf(from, bits), dst: bitsOf(to, bits) }
}

export function output(port: number): RuleAction {
  return { type: 'output', port }
}

/** Out of the port that the packet came in by, which plain output refuses. */
export const reflect: RuleAction = { type: 'output', port: inPort }

/** No port at all as the way that the packet came by: a switch sends nothing back to the port that it came from. */
export const anywhere: RuleAction = set('inPort16', 0)

function maskedPart(offset: number, bits: number, value: number) {
  return { value: BigInt(value) << BigInt(offset), mask: ((1n << BigInt(bits)) - 1n) << BigInt(offset) }
}

function bitsOf(field: FieldName, bits: number): Subfield {
  return { field, offset: 0, bits }
}
