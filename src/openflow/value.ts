/** Values and masks of fields on the wire: one place for every kind. */
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  parseIpv4,
  parseIpv6,
  parseMac,
  parsePrefix,
  prefixLength,
  prefixLength6,
  prefixMask,
  prefixMask6,
  type Words,
} from './addresses.js'
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import type { Field, KindValue } from './fields.js'
import { fits } from './integers.js'

export type AnyValue = KindValue[keyof KindValue]

/** A value of which only the bits of the mask count. */
export interface Masked<T> {
  readonly value: T
  readonly mask: T
}

/** The error about what is no value of the field. */
export function wrongValue(field: Field, value: unknown): EncodeError {
  return new EncodeError(`${String(value)} is no value of ${field.text}`)
}

function writeNumber(w: Writer, field: Field, value: AnyValue): void {
  const { size } = field
  if (typeof value !== 'number' || value >>> 0 !== value || (size < 4 && value >>> (8 * size) !== 0))
    throw wrongValue(field, value)
  if (size === 4) w.u32(value)
  else if (size === 2) w.u16(value)
  else w.u8(value)
}

/** Writes a value of the field, without header. */
export function writeValue(w: Writer, field: Field, value: AnyValue): void {
  if (field.kind === 'number') {
    writeNumber(w, field, value)
  } else if (field.kind === 'bigint') {
    if (typeof value !== 'bigint' || !fits(value, field.size * 8)) throw wrongValue(field, value)
    if (field.size === 8) w.u64(value)
    else w.uint(value, field.size)
  } else if (field.kind === 'bytes') {
    if (!(value instanceof Uint8Array) || value.length > 124) throw wrongValue(field, value)
    w.bytes(value)
  } else {
    if (typeof value !== 'string') throw wrongValue(field, value)
    writeAddress(w, field, value, value.length)
  }
}

/** Writes the address that the text is up to `end`. */
export function writeAddress(w: Writer, field: Field, text: string, end: number): void {
  if (field.kind === 'ipv4') {
    const address = parseIpv4(text, 0, end)
    if (address === undefined) throw wrongValue(field, text)
    w.u32(address)
  } else if (field.kind === 'mac') {
    const address = parseMac(text)
    if (address === undefined) throw wrongValue(field, text)
    w.u16(Math.floor(address / 2 ** 32))
    w.u32(address >>> 0)
  } else {
    const words = parseIpv6(text.slice(0, end))
    if (words === undefined) throw wrongValue(field, text)
    writeWords(w, words)
  }
}

/** Writes an address, or its mask, that was read as words. */
export function writeWords(w: Writer, words: Words): void {
  for (const word of words) w.u32(word)
}

function words(r: Reader): Words {
  return [r.u32(), r.u32(), r.u32(), r.u32()]
}

/** Reads a value of the field; `size` is its count of bytes and the field's own unless that varies. */
export function readValue(r: Reader, field: Field, size: number): AnyValue {
  if (field.size !== 0 && size !== field.size)
    throw new DecodeError(`${field.text} has ${field.size} bytes, not ${size}`, r.offset)
  switch (field.kind) {
    case 'number':
      return size === 4 ? r.u32() : size === 2 ? r.u16() : r.u8()
    case 'bigint':
      return size === 8 ? r.u64() : (r.u64() << 64n) | r.u64()
    case 'mac':
      return formatMac(r.u16(), r.u32())
    case 'ipv4':
      return formatIpv4(r.u32())
    case 'ipv6':
      return formatIpv6(words(r))
    case 'bytes':
      return Buffer.from(r.bytes(size))
  }
}

/** The mask that a prefix or an address says, from `start` on: what stands behind the slash. */
export function addressMask(kind: 'ipv4' | 'ipv6', text: string, start = 0): Words | undefined {
  const bits = parsePrefix(text, start)
  if (kind === 'ipv6')
    return bits === undefined ? parseIpv6(text.slice(start)) : bits > 128 ? undefined : prefixMask6(bits)
  const mask = bits === undefined ? parseIpv4(text, start) : bits > 32 ? undefined : prefixMask(bits)
  return mask === undefined ? undefined : [0, 0, 0, mask]
}

/** Splits `address/prefix` or `address/mask` into two addresses; a text without slash is exact. */
export function splitAddress(field: Field, text: string): string | Masked<string> {
  const slash = text.indexOf('/')
  if (slash < 0 || (field.kind !== 'ipv4' && field.kind !== 'ipv6')) return text
  const mask = addressMask(field.kind, text, slash + 1)
  if (mask === undefined) throw wrongValue(field, text)
  const value = text.slice(0, slash)
  return { value, mask: field.kind === 'ipv4' ? formatIpv4(mask[3]) : formatIpv6(mask) }
}

/** Joins an address and its mask, as a prefix where the mask is one. */
export function joinAddress(field: Field, value: string, mask: string): string {
  if (field.kind === 'ipv4') {
    const bits = prefixLength(parseIpv4(mask) ?? 0)
    return bits === 32 ? value : `${value}/${bits < 0 ? mask : bits}`
  }
  const bits = prefixLength6(parseIpv6(mask) ?? [0, 0, 0, 0])
  return bits === 128 ? value : `${value}/${bits < 0 ? mask : bits}`
}
