/** Values and masks of fields on the wire: one place for every kind. */
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  parseIpv4,
  parseIpv6,
  parseMac,
  prefixLength,
  prefixLength6,
  prefixMask,
  prefixMask6,
  type Words,
} from './addresses.js'
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import type { Field, Header, KindValue } from './fields.js'

export type AnyValue = KindValue[keyof KindValue]

/** A value of which only the bits of the mask count. */
export interface Masked<T> {
  readonly value: T
  readonly mask: T
}

function wrong(field: Field, value: unknown): EncodeError {
  return new EncodeError(`${String(value)} is no value of ${field.text}`)
}

/** The number as a field of that many bytes; addresses and options aside. */
function writeInteger(w: Writer, field: Field, value: AnyValue): void {
  if (typeof value === 'number') {
    if (field.kind !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** (field.size * 8))
      throw wrong(field, value)
    if (field.size === 4) w.u32(value)
    else if (field.size === 2) w.u16(value)
    else w.u8(value)
  } else if (typeof value === 'bigint') {
    if (field.kind !== 'bigint' || value < 0n || value >> BigInt(field.size * 8) !== 0n)
      throw wrong(field, value)
    if (field.size === 16) w.u64(value >> 64n)
    w.u64(BigInt.asUintN(64, value))
  } else throw wrong(field, value)
}

function writeWords(w: Writer, words: Words): void {
  for (const word of words) w.u32(word)
}

/** Writes a value of the field, without header. */
export function writeValue(w: Writer, field: Field, value: AnyValue): void {
  if (typeof value === 'string') {
    if (field.kind === 'ipv4') {
      const address = parseIpv4(value)
      if (address === undefined) throw wrong(field, value)
      w.u32(address)
    } else if (field.kind === 'ipv6') {
      const words = parseIpv6(value)
      if (words === undefined) throw wrong(field, value)
      writeWords(w, words)
    } else if (field.kind === 'mac') {
      const address = parseMac(value)
      if (address === undefined) throw wrong(field, value)
      w.u16(Math.floor(address / 2 ** 32))
      w.u32(address >>> 0)
    } else throw wrong(field, value)
  } else if (value instanceof Uint8Array) {
    if (field.kind !== 'bytes' || value.length > 124) throw wrong(field, value)
    w.bytes(value)
  } else writeInteger(w, field, value)
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

/** Writes the header of a field and the length of what follows it. */
export function writeHeader(w: Writer, header: Header, masked: boolean, length: number): void {
  if (header.experimenter === undefined) {
    w.u32((header.first | (masked ? 0x100 : 0) | length) >>> 0)
  } else {
    w.u32((header.first | (masked ? 0x100 : 0) | (length + 4)) >>> 0)
    w.u32(header.experimenter)
  }
}

/** The mask of a prefix or of an address behind the slash. */
export function addressMask(kind: 'ipv4' | 'ipv6', text: string): Words | undefined {
  const bits = /^\d{1,3}$/.test(text) ? Number(text) : undefined
  if (kind === 'ipv6')
    return bits === undefined ? parseIpv6(text) : bits > 128 ? undefined : prefixMask6(bits)
  const mask = bits === undefined ? parseIpv4(text) : bits > 32 ? undefined : prefixMask(bits)
  return mask === undefined ? undefined : [0, 0, 0, mask]
}

/** Splits `address/prefix` or `address/mask` into two addresses; a text without slash is exact. */
export function splitAddress(field: Field, text: string): string | Masked<string> {
  const slash = text.indexOf('/')
  if (slash < 0 || (field.kind !== 'ipv4' && field.kind !== 'ipv6')) return text
  const mask = addressMask(field.kind, text.slice(slash + 1))
  if (mask === undefined) throw wrong(field, text)
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

const emptyMask = 0
const exactMask = 1
const partialMask = 2

/**
 * Writes value and mask so that what the mask leaves out is zero in the value.
 * Answers whether the mask is empty, exact or partial; where the size varies, a mask never covers all there could be.
 */
function writeBoth(w: Writer, field: Field, value: AnyValue, mask: AnyValue): number {
  const start = w.length
  writeValue(w, field, value)
  const size = w.length - start
  writeValue(w, field, mask)
  if (w.length - start !== 2 * size) throw new EncodeError(`value and mask of ${field.text} differ in size`)
  const bytes = w.view()
  let ones = true
  let zeros = true
  for (let i = start; i < start + size; i++) {
    const bits = bytes[i + size] ?? 0
    if (bits !== 0xff) ones = false
    if (bits !== 0) zeros = false
    w.patchU8(i, (bytes[i] ?? 0) & bits)
  }
  if (zeros) return emptyMask
  return ones && field.size > 0 ? exactMask : partialMask
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
  const start = w.length
  if (mask === undefined) {
    writeHeader(w, header, false, value instanceof Uint8Array ? value.length : field.size)
    writeValue(w, field, value)
    return
  }
  writeHeader(w, header, true, 0)
  const body = w.length
  const outcome = writeBoth(w, field, value, mask)
  const both = w.length - body
  if (outcome === emptyMask && skipEmpty) {
    w.truncate(start)
    return
  }
  const extra = header.experimenter === undefined ? 0 : 4
  if (outcome === exactMask) {
    w.truncate(body + both / 2)
    w.patchU32(start, (header.first | (both / 2 + extra)) >>> 0)
  } else w.patchU8(start + 3, both + extra)
}
