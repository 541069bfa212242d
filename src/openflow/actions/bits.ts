/** Values of fields as plain integers, for actions that set some of a field's bits. */
import { formatIpv4, formatIpv6, formatMac, type Words } from '../addresses.js'
import { Reader, Writer } from '../bytes.js'
import type { Field } from '../fields.js'
import { type AnyValue, writeValue } from '../value.js'

/** The value as an unsigned integer. */
export function toInteger(field: Field, value: AnyValue): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  const w = new Writer(128)
  writeValue(w, field, value)
  return new Reader(w.view()).uint(w.length)
}

/** The integer as a value of the field, which has `size` bytes. */
export function fromInteger(field: Field, value: bigint, size = field.size): AnyValue {
  const word = (shift: bigint): number => Number((value >> shift) & 0xffffffffn)
  const words: Words = [word(96n), word(64n), word(32n), word(0n)]
  switch (field.kind) {
    case 'number':
      return Number(value)
    case 'bigint':
      return value
    case 'mac':
      return formatMac(words[2] & 0xffff, words[3])
    case 'ipv4':
      return formatIpv4(words[3])
    case 'ipv6':
      return formatIpv6(words)
    case 'bytes':
      return Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex')
  }
}

/** The runs of ones in the mask, lowest first, none longer than 64 bits. */
export function segments(mask: bigint, bits: number): { offset: number; bits: number }[] {
  const runs: { offset: number; bits: number }[] = []
  const words = Array.from({ length: Math.ceil(bits / 32) }, (_, i) =>
    Number((mask >> BigInt(32 * i)) & 0xffffffffn),
  )
  const one = (i: number): boolean => (((words[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1
  for (let i = 0; i < bits; ) {
    if (!one(i)) {
      i++
      continue
    }
    const offset = i
    while (i < bits && i - offset < 64 && one(i)) i++
    runs.push({ offset, bits: i - offset })
  }
  return runs
}

/** As many bytes as the number needs: none for 0. */
export function bytesOf(value: bigint): Buffer {
  const digits = value === 0n ? '' : value.toString(16)
  return Buffer.from(digits.padStart(Math.ceil(digits.length / 2) * 2, '0'), 'hex')
}
