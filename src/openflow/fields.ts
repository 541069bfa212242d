/** All fields, in the order in which Open vSwitch writes a match: that order is what makes encoded flows comparable. */
import { type Field, type Header, headerFor, type KindValue } from './fields/field.js'
import { numbering } from './fields/numbering.js'
import { connection, nsh, originalTuple, tunnel } from './fields/outside.js'
import { arp, ethernet, ip, transport } from './fields/packet.js'
import { first, last, registers } from './fields/pipeline.js'
import type { Version } from './version.js'

export type { Field, Header, Kind, KindValue } from './fields/field.js'
export { headerFor } from './fields/field.js'

export const fields = {
  ...first,
  ...ethernet,
  ...ip,
  ...transport,
  ...arp,
  ...tunnel,
  ...nsh,
  ...registers,
  ...connection,
  ...originalTuple,
  ...last,
}

/** The names of the fields that a match can have. */
export type FieldName = keyof typeof fields

type FieldKind<F extends FieldName> = (typeof fields)[F]['kind']

/** Type of a value of the field. */
export type FieldValue<F extends FieldName = FieldName> = KindValue[FieldKind<F>]

/** All of them, in the order of their table. */
export const fieldNames = Object.keys(fields) as FieldName[]

/** A field with what encoding and decoding look up for every flow. */
export interface IndexedField extends Field {
  readonly field: FieldName
  /** Place in the canonical order. */
  readonly order: number
  /** Place among Open vSwitch's own numbers, the order of its lists of fields. */
  readonly number: number
  readonly header: Readonly<Record<Version | 0, Header>>
}

/** Written out, so that all have one shape: engines read their members several times as fast as those of copies. */
const indexed: readonly IndexedField[] = fieldNames.map((field, order) => {
  const spec: Field = fields[field]
  return {
    text: spec.text,
    kind: spec.kind,
    form: spec.form,
    size: spec.size,
    bits: spec.bits,
    headers: spec.headers,
    ethernet: spec.ethernet,
    field,
    order,
    number: numbering.indexOf(field),
    header: {
      0: headerFor(spec, 0),
      4: headerFor(spec, 4),
      5: headerFor(spec, 5),
      6: headerFor(spec, 6),
    },
  }
})

const byName: ReadonlyMap<string, IndexedField> = new Map(indexed.map((spec) => [spec.field, spec]))

/** Facts about the field with this name; undefined when there is none. */
export function findField(name: string): IndexedField | undefined {
  return byName.get(name)
}

/** Facts about a field. */
export function fieldSpec(name: FieldName): IndexedField {
  const spec = byName.get(name)
  if (spec === undefined) throw new TypeError(`no field ${name}`)
  return spec
}

/** A key for class, field and experimenter: mask bit and length of the 32-bit header do not count. */
function key(first: number, experimenter: number): number {
  return (first >>> 9) + experimenter * 0x800000
}

const byHeader: ReadonlyMap<number, IndexedField> = new Map(
  indexed.flatMap((spec) =>
    spec.headers.map((header): [number, IndexedField] => [key(header.first, header.experimenter ?? 0), spec]),
  ),
)

/** The field with this header; undefined when we do not know it. */
export function fieldByHeader(first: number, experimenter = 0): IndexedField | undefined {
  return byHeader.get(key(first, experimenter))
}

const byText: ReadonlyMap<string, IndexedField> = new Map(
  indexed.flatMap((spec) => [spec.text, ...spec.headers.map(({ name }) => name)].map((text) => [text, spec])),
)

/** The field that Open vSwitch calls this, as in `set_field:1->reg0` or `NXM_NX_REG0[]`. */
export function fieldByText(text: string): IndexedField | undefined {
  return byText.get(text)
}
