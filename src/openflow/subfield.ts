/** A run of bits in a field, as `NXM_NX_REG0[0..15]`, and Nicira's ways to write it. */
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import { writeHeader } from './entry.js'
import { type FieldName, fieldByHeader, fieldSpec } from './fields.js'
import type { Version } from './version.js'

/** A part of an action that we do not know; the action as a whole survives as bytes. */
export class UnknownPartError extends DecodeError {}

/** Some bits of a field, such as `NXM_NX_REG0[0..15]`. */
export interface Subfield {
  readonly field: FieldName
  /** First bit, counted from the least significant. */
  readonly offset: number
  /** Count of bits. */
  readonly bits: number
  /** Of a tunnel option: the bytes that the switch's TLV table gives it. */
  readonly size?: number
}

/** A field, named without value. */
export type FieldReference = Pick<Subfield, 'field' | 'size'>

/** The whole field, as `NXM_NX_REG0[]`. */
export function wholeField(field: FieldName): Subfield {
  return { field, offset: 0, bits: fieldSpec(field).bits }
}

/** The largest tunnel option: its size where nobody says which one it has. */
const largestOption = 124

/** Writes a field's header without value; version 0 is Nicira's form. */
export function writeFieldHeader(
  w: Writer,
  { field, size = largestOption }: FieldReference,
  version: Version | 0,
): void {
  const spec = fieldSpec(field)
  writeHeader(w, spec.header[version], false, spec.size || size)
}

/** Writes a field's header where there is room for 32 bits only. */
export function writeShortHeader(w: Writer, { field, size = largestOption }: FieldReference): void {
  const spec = fieldSpec(field)
  const header = spec.header[0]
  if (header.experimenter !== undefined) throw new EncodeError(`${header.name} cannot stand here`)
  writeHeader(w, header, false, spec.size || size)
}

function reference(first: number, experimenter: number, at: number): FieldReference {
  const spec = fieldByHeader(first, experimenter)
  if (spec === undefined) throw new UnknownPartError(`unknown field 0x${first.toString(16)}`, at)
  return spec.size === 0 ? { field: spec.field, size: first & 0xff } : { field: spec.field }
}

/** Reads a field's header without value. */
export function readFieldHeader(r: Reader): FieldReference {
  const at = r.offset
  const first = r.u32()
  return reference(first, first >>> 16 === 0xffff ? r.u32() : 0, at)
}

/** Reads a field's header where there is room for 32 bits only. */
export function readShortHeader(r: Reader): FieldReference {
  return reference(r.u32(), 0, r.offset)
}

/** Offset and count of bits in one 16-bit number. */
export function writeRange(w: Writer, { offset, bits }: Subfield): void {
  if (bits < 1 || bits > 64) throw new EncodeError(`a range of ${bits} bits has no form with 6 bits for them`)
  w.u16((offset << 6) | (bits - 1))
}

export type BitRange = Pick<Subfield, 'offset' | 'bits'>

export function readRange(r: Reader): BitRange {
  const range = r.u16()
  return { offset: range >>> 6, bits: (range & 63) + 1 }
}

/**
 * The bits of a field that was read.
 * @throws DecodeError where the field has not so many
 */
export function subfieldOf(
  { field, size }: FieldReference,
  offset: number,
  bits: number,
  r: Reader,
): Subfield {
  const most = fieldSpec(field).bits
  if (bits < 1 || offset + bits > most) throw new DecodeError(`bits ${offset}+${bits} of ${most}`, r.offset)
  return size === undefined ? { field, offset, bits } : { field, offset, bits, size }
}

/** The same with offset and count of bits as {@link readRange} answers them. */
export function subfieldIn(reference: FieldReference, range: BitRange, r: Reader): Subfield {
  return subfieldOf(reference, range.offset, range.bits, r)
}
