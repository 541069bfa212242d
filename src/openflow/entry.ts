/** Fields on the wire: header, value and mask (OpenFlow 1.5.1, §7.2.3.2; Nicira's form has the same shape). */
import { EncodeError, type Writer } from './bytes.js'
import type { Field, Header } from './fields.js'
import {
  type AnyValue,
  addressMask,
  type Masked,
  writeAddress,
  writeValue,
  writeWords,
  wrongValue,
} from './value.js'

/** What a match says of a field: a value with or without mask; in a text, address and mask are joined by a slash. */
export type Entry = AnyValue | Masked<AnyValue>

export function isMasked(entry: Entry): entry is Masked<AnyValue> {
  return typeof entry === 'object' && !(entry instanceof Uint8Array)
}

/** Writes the header of a field and the length of what follows it. */
export function writeHeader(w: Writer, header: Header, masked: boolean, length: number): void {
  if (header.experimenter === undefined) {
    w.u32((header.first | (masked ? 0x100 : 0) | length) >>> 0)
  } else {
    w.u32((header.first | (masked ? 0x100 : 0) | (length + 4)) >>> 0)
    w.u32(header.experimenter)
  }
}

/**
 * Ends a field whose header starts at `start` and whose value and mask are written: bits of the value outside the mask
 * become zero, a mask of all bits goes away, and with an empty one the whole field if `skipEmpty`.
 */
function endMasked(w: Writer, field: Field, header: Header, start: number, skipEmpty: boolean): void {
  const extra = header.experimenter === undefined ? 0 : 4
  const body = start + 4 + extra
  const size = (w.length - body) / 2
  const bits = w.mask(body, size)
  // Where the size varies, a mask never covers all there could be, and an empty one says that the field is there.
  if (field.size === 0) w.patchU8(start + 3, 2 * size + extra)
  else if (bits === 'none' && skipEmpty) w.truncate(start)
  else if (bits === 'all') {
    w.truncate(body + size)
    w.patchU32(start, (header.first | (size + extra)) >>> 0)
  } else w.patchU8(start + 3, 2 * size + extra)
}

/**
 * Writes a field with header, value and, unless it is exact, mask; nothing for an empty mask if `skipEmpty`.
 * Bits of the value outside the mask become zero.
 */
export function writeField(
  w: Writer,
  field: Field,
  header: Header,
  value: AnyValue,
  mask?: AnyValue,
  skipEmpty = false,
): void {
  if (mask === undefined) {
    writeHeader(w, header, false, field.size || (value instanceof Uint8Array ? value.length : 0))
    writeValue(w, field, value)
    return
  }
  const start = w.length
  writeHeader(w, header, true, 0)
  const body = w.length
  writeValue(w, field, value)
  const middle = w.length
  writeValue(w, field, mask)
  if (w.length - middle !== middle - body)
    throw new EncodeError(`value and mask of ${field.text} differ in size`)
  endMasked(w, field, header, start, skipEmpty)
}

/** Writes a text, which for an address may end in a prefix or a mask. */
function writeText(w: Writer, field: Field, header: Header, text: string): void {
  const { kind } = field
  if (kind !== 'ipv4' && kind !== 'ipv6') {
    writeField(w, field, header, text)
    return
  }
  const slash = text.indexOf('/')
  if (slash < 0) {
    writeField(w, field, header, text)
    return
  }
  const mask = addressMask(kind, text, slash + 1)
  if (mask === undefined) throw wrongValue(field, text)
  const start = w.length
  writeHeader(w, header, true, 0)
  writeAddress(w, field, text, slash)
  if (kind === 'ipv4') w.u32(mask[3])
  else writeWords(w, mask)
  endMasked(w, field, header, start, true)
}

/** Writes the field of a match; nothing when the mask is empty. */
export function writeEntry(w: Writer, field: Field, header: Header, entry: Entry): void {
  if (typeof entry === 'string') writeText(w, field, header, entry)
  else if (isMasked(entry)) writeField(w, field, header, entry.value, entry.mask, true)
  else writeField(w, field, header, entry)
}

function valuePart(entry: Entry | undefined): AnyValue {
  return entry === undefined ? 0 : isMasked(entry) ? entry.value : entry
}

function maskPart(entry: Entry | undefined): AnyValue {
  return entry === undefined ? 0 : isMasked(entry) ? entry.mask : 0xffffffff
}

/** Writes what a match says of two 32-bit fields, be it nothing, as the 64-bit field that they make. */
export function writePair(
  w: Writer,
  { wide, high, low }: { readonly wide: Field; readonly high: Field; readonly low: Field },
  header: Header,
  highEntry: Entry | undefined,
  lowEntry: Entry | undefined,
): void {
  const start = w.length
  writeHeader(w, header, true, 0)
  writeValue(w, high, valuePart(highEntry))
  writeValue(w, low, valuePart(lowEntry))
  writeValue(w, high, maskPart(highEntry))
  writeValue(w, low, maskPart(lowEntry))
  endMasked(w, wide, header, start, true)
}

/** Writes a field with the value in `bits` bits from `offset` on, and a mask that says which they are. */
export function writeBits(
  w: Writer,
  field: Field,
  header: Header,
  value: bigint,
  { offset, bits }: { readonly offset: number; readonly bits: number },
): void {
  const size = field.size || Math.ceil((offset + bits) / 8)
  if (offset + bits > size * 8) throw new EncodeError(`${field.text} has no ${bits} bits from ${offset} on`)
  const start = w.length
  writeHeader(w, header, true, 0)
  w.uint(offset === 0 ? value : value << BigInt(offset), size)
  for (let low = 8 * (size - 1); low >= 0; low -= 8) {
    const first = Math.min(Math.max(offset - low, 0), 8)
    const end = Math.min(Math.max(offset + bits - low, 0), 8)
    w.u8((1 << end) - (1 << first))
  }
  endMasked(w, field, header, start, false)
}
