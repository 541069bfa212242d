/** A run of bits in a field, as `NXM_NX_REG0[0..15]`, and Nicira's ways to write it. */
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import { type FieldName, fieldByHeader, fieldSpec, type IndexedField } from './fields.js'
import type { Version } from './version.js'

export interface Subfield {
  readonly field: FieldName
  /** First bit, counted from the least significant. */
  readonly offset: number
  /** Count of bits. */
  readonly bits: number
}

/** The whole field, as `NXM_NX_REG0[]`. */
export function wholeField(field: FieldName): Subfield {
  return { field, offset: 0, bits: fieldSpec(field).bits }
}

/** Bytes of a field's value where it is only named; options of tunnels have their largest size. */
function nominalSize(spec: IndexedField): number {
  return spec.size === 0 ? 124 : spec.size
}

/** Writes a field's header without value; version 0 is Nicira's form. */
export function writeFieldHeader(w: Writer, field: FieldName, version: Version | 0): void {
  const spec = fieldSpec(field)
  const { first, experimenter } = spec.header[version]
  w.u32(first | (nominalSize(spec) + (experimenter === undefined ? 0 : 4)))
  if (experimenter !== undefined) w.u32(experimenter)
}

/** Writes a field's header where there is room for 32 bits only. */
export function writeShortHeader(w: Writer, field: FieldName): void {
  const header = fieldSpec(field).header[0]
  if (header.experimenter !== undefined) throw new EncodeError(`${header.name} cannot stand here`)
  writeFieldHeader(w, field, 0)
}

/** Reads a field's header without value. */
export function readFieldHeader(r: Reader): FieldName {
  const at = r.offset
  const first = r.u32()
  const spec = fieldByHeader(first, first >>> 16 === 0xffff ? r.u32() : 0)
  if (spec === undefined) throw new DecodeError(`unknown field 0x${first.toString(16)}`, at)
  return spec.field
}

export function readShortHeader(r: Reader): FieldName {
  const at = r.offset
  const first = r.u32()
  const spec = fieldByHeader(first)
  if (spec === undefined) throw new DecodeError(`unknown field 0x${first.toString(16)}`, at)
  return spec.field
}

/** Offset and count of bits in one 16-bit number. */
export function writeRange(w: Writer, { offset, bits }: Subfield): void {
  w.u16((offset << 6) | (bits - 1))
}

export function readRange(r: Reader): { offset: number; bits: number } {
  const range = r.u16()
  return { offset: range >>> 6, bits: (range & 63) + 1 }
}

/** Checks that the bits are bits of the field. */
export function checkSubfield(r: Reader, subfield: Subfield): Subfield {
  const { bits } = fieldSpec(subfield.field)
  if (subfield.bits < 1 || subfield.offset + subfield.bits > bits)
    throw new DecodeError(`bits ${subfield.offset}+${subfield.bits} of ${bits}`, r.offset)
  return subfield
}
