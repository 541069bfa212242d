/** The lists in a table's features, from their headers on the wire (OpenFlow 1.5.1, §7.3.5.18.2). */
import { DecodeError, Reader } from '../../bytes.js'
import { fieldByHeader, type IndexedField } from '../../fields.js'
import type { TableFeatures } from '../../messages/table.js'
import { knownActionTypes } from './action-types.js'

/** What lists of actions may hold: bits of types, and names of the fields to set. */
export interface ActionFeatures {
  readonly types: number
  readonly fields: readonly string[]
}

/** What packets can go through that match a flow, or that match none. */
export interface Side {
  readonly table: number
  /** Tables to go to, ascending. */
  readonly next: readonly number[]
  readonly instructions: readonly string[]
  readonly write: ActionFeatures
  readonly apply: ActionFeatures
}

/** Names of fields to match; each of `all` is in one of the others. */
export interface Matching {
  readonly all: readonly string[]
  readonly masked: readonly string[]
  readonly wildcarded: readonly string[]
  readonly exact: readonly string[]
}

const experimenter = 0xffff

/** The types in a list of headers, which have type and length and are not padded. */
function typesOf(bytes: Buffer): number[] {
  const r = new Reader(bytes)
  const types: number[] = []
  while (r.remaining > 0) {
    const at = r.offset
    const type = r.u16()
    const length = r.u16()
    if (length < 4) throw new DecodeError(`a header of ${length} bytes is too short`, at)
    r.skip(length - 4)
    if (type !== experimenter) types.push(type)
  }
  return types
}

/** By number (OpenFlow 1.5.1, §7.2.5), in Open vSwitch's order. */
const instructionNames = [
  [6, 'meter'],
  [4, 'apply_actions'],
  [5, 'clear_actions'],
  [3, 'write_actions'],
  [2, 'write_metadata'],
  [1, 'goto_table'],
] as const

function instructionsOf(bytes: Buffer): string[] {
  const types = typesOf(bytes)
  return instructionNames.filter(([type]) => types.includes(type)).map(([, name]) => name)
}

function actionTypesOf(bytes: Buffer): number {
  return knownActionTypes(typesOf(bytes).reduce((bits, type) => (type < 32 ? bits | (1 << type) : bits), 0))
}

interface FieldSets {
  readonly exact: ReadonlySet<IndexedField>
  readonly masked: ReadonlySet<IndexedField>
}

/** The fields whose headers these are, with and without the bit for a mask; unknown ones are left out. */
function fieldsOf(bytes: Buffer = Buffer.alloc(0)): FieldSets {
  const r = new Reader(bytes)
  const [exact, masked] = [new Set<IndexedField>(), new Set<IndexedField>()]
  while (r.remaining > 0) {
    const head = r.u32()
    const spec = fieldByHeader(head, head >>> 16 === experimenter ? r.u32() : 0)
    if (spec !== undefined) ((head & 0x100) === 0 ? exact : masked).add(spec)
  }
  return { exact, masked }
}

/** Names in Open vSwitch's order. */
function namesOf(specs: Iterable<IndexedField>): string[] {
  return [...specs].sort((a, b) => a.number - b.number).map(({ text }) => text)
}

const none = Buffer.alloc(0)

interface Lists {
  readonly instructions: Buffer | undefined
  readonly next: readonly number[] | undefined
  readonly writeActions: Buffer | undefined
  readonly applyActions: Buffer | undefined
  readonly writeFields: Buffer | undefined
  readonly applyFields: Buffer | undefined
}

function sideOf(table: number, lists: Lists): Side {
  const { instructions = none, next = [], writeActions = none, applyActions = none } = lists
  return {
    table,
    next: [...new Set(next)].sort((a, b) => a - b),
    instructions: instructionsOf(instructions),
    write: { types: actionTypesOf(writeActions), fields: namesOf(fieldsOf(lists.writeFields).exact) },
    apply: { types: actionTypesOf(applyActions), fields: namesOf(fieldsOf(lists.applyFields).exact) },
  }
}

/** A list that the packets without a flow do not have of their own is that of the others. */
export function sidesOf(features: TableFeatures): { readonly others: Side; readonly miss: Side } {
  const { table, instructionsMiss, nextTablesMiss, writeActionsMiss, applyActionsMiss } = features
  const lists: Lists = {
    instructions: features.instructions,
    next: features.nextTables,
    writeActions: features.writeActions,
    applyActions: features.applyActions,
    writeFields: features.writeSetField,
    applyFields: features.applySetField,
  }
  const missLists: Lists = {
    instructions: instructionsMiss ?? lists.instructions,
    next: nextTablesMiss ?? lists.next,
    writeActions: writeActionsMiss ?? lists.writeActions,
    applyActions: applyActionsMiss ?? lists.applyActions,
    writeFields: features.writeSetFieldMiss ?? lists.writeFields,
    applyFields: features.applySetFieldMiss ?? lists.applyFields,
  }
  return { others: sideOf(table, lists), miss: sideOf(table, missLists) }
}

/** A field that can be masked can be matched, and left out of a match. */
export function matchingOf({ match, wildcards }: TableFeatures): Matching {
  const { exact, masked } = fieldsOf(match)
  const left = new Set([...fieldsOf(wildcards).exact, ...masked])
  const all = [...new Set([...exact, ...masked])]
  return {
    all: namesOf(all),
    masked: namesOf(masked),
    wildcarded: namesOf(all.filter((spec) => !masked.has(spec) && left.has(spec))),
    exact: namesOf(all.filter((spec) => !masked.has(spec) && !left.has(spec))),
  }
}

/** No table goes to itself or to one before it, so that what neighbours differ in by that counts as the same. */
function equalNext(a: Side, b: Side): boolean {
  if (a.table === b.table + 1) return equalNext(b, a)
  const dropped = b.table === a.table + 1 && !b.next.includes(b.table) ? b.table : undefined
  return a.next.filter((table) => table !== dropped).join() === b.next.join()
}

function contents({ instructions, write, apply }: Side): string {
  return JSON.stringify([instructions, write, apply])
}

export function equalSides(a: Side, b: Side): boolean {
  return equalNext(a, b) && contents(a) === contents(b)
}

export function isEmptySide({ next, instructions, write, apply }: Side): boolean {
  return (
    [next, instructions, write.fields, apply.fields].every(({ length }) => length === 0) &&
    write.types + apply.types === 0
  )
}
