/**
 * Fields with the bits of them that count, as in the hash of a group (Open vSwitch's group selection method, an extension
 * of Netronome): fields in Open vSwitch's own order, the mask in the place of the value.
 */
import { fromInteger } from './actions/bits.js'
import { type Reader, Writer } from './bytes.js'
import { writeField } from './entry.js'
import { type FieldName, fieldByHeader, fieldSpec, type IndexedField } from './fields.js'
import { type AnyValue, readValue } from './value.js'

export interface FieldMask {
  readonly spec: IndexedField
  readonly mask: AnyValue
}

/** The mask of the whole field. */
export function onesOf(spec: IndexedField): AnyValue {
  return fromInteger(spec, (1n << BigInt(8 * spec.size)) - 1n)
}

/** Bytes for OpenFlow 1.5 of whole fields. */
export function writeFields(names: readonly FieldName[]): Buffer {
  return writeFieldMasks(names.map(fieldSpec).map((spec) => ({ spec, mask: onesOf(spec) })))
}

/** Bytes for OpenFlow 1.5, the only version that has them. */
export function writeFieldMasks(masks: readonly FieldMask[]): Buffer {
  const w = new Writer()
  for (const { spec, mask } of masks.toSorted((a, b) => a.spec.number - b.spec.number))
    writeField(w, spec, spec.header[6], mask)
  return w.finish()
}

/**
 * The fields that we know, up to the end of the window.
 * @throws DecodeError
 */
export function readFieldMasks(r: Reader): FieldMask[] {
  const masks: FieldMask[] = []
  while (r.remaining > 0) {
    const head = r.u32()
    const body = r.window(head & 0xff)
    const spec = fieldByHeader(head, head >>> 16 === 0xffff ? body.u32() : 0)
    if (spec !== undefined) masks.push({ spec, mask: readValue(body, spec, body.remaining) })
  }
  return masks
}
