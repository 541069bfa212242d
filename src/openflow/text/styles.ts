/** How Open vSwitch writes values and masks in matches. */
import { type FieldName, fieldSpec } from '../fields.js'
import { formatPort } from '../ports.js'
import type { AnyValue } from '../value.js'
import { ctStateFlags, formatFlags, formatMaskedFlags, tcpFlagNames, tunFlagNames } from './flags.js'
import { formatFrag, formatValue, hex } from './value.js'

/** The value's text; undefined where it is not shown. */
export type Style = (value: AnyValue, mask: AnyValue | undefined) => string | undefined

/** As `%#x` of C, which writes a plain 0. */
export const sharpHex = (value: AnyValue): string =>
  Number(value) === 0 ? '0' : hex(BigInt(value as number | bigint))

const slash = (text: string, mask: string | undefined): string =>
  mask === undefined ? text : `${text}/${mask}`
export const padded = (value: AnyValue, digits: number): string =>
  `0x${Number(value).toString(16).padStart(digits, '0')}`

/** `0x1`, `0x1/0xf`, and 0 without 0x. */
export const sharp: Style = (value, mask) =>
  slash(sharpHex(value), mask === undefined ? undefined : sharpHex(mask))
/** `1` but `0x1/0xf`. */
export const decimal: Style = (value, mask) =>
  mask === undefined ? String(value) : `${padded(value, 1)}/${padded(mask, 1)}`
export const decimal8: Style = (value, mask) =>
  mask === undefined ? String(value) : `${padded(value, 2)}/${padded(mask, 2)}`
export const decimal32: Style = (value, mask) =>
  mask === undefined ? String(value) : `${padded(value, 8)}/${padded(mask, 8)}`
export const hexadecimal: Style = (value, mask) =>
  slash(padded(value, 1), mask === undefined ? undefined : padded(mask, 1))
export const label: Style = (value, mask) =>
  slash(padded(value, 5), mask === undefined ? undefined : padded(mask, 5))
export const shownHex: Style = (value) => sharpHex(value)
export const shown: Style = (value) => String(value)
export const port: Style = (value) => formatPort(Number(value))
export const nwTos: Style = (value) => String(Number(value) << 2)
export const frag: Style = (value, mask) => formatFrag(Number(value), Number(mask ?? 3))
export const ctState: Style = (value, mask) =>
  mask === undefined
    ? formatMaskedFlags(ctStateFlags, Number(value), 0xffffffff, 0xff)
    : Number(mask) === 0xff
      ? formatFlags(ctStateFlags, Number(value))
      : formatMaskedFlags(ctStateFlags, Number(value), Number(mask), 0xff)
export const tcpFlags: Style = (value, mask) =>
  formatMaskedFlags(tcpFlagNames, Number(value), Number(mask ?? 0xfff) & 0xfff, 0xfff)
export const tunFlags: Style = (value, mask) =>
  formatMaskedFlags(tunFlagNames, Number(value), Number(mask ?? 1) & 0xf, 0xf)
const hexOf = (bytes: AnyValue): string =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : ''

/** A tunnel option: nothing where it only has to be there. Bytes before the first that counts are not seen. */
export const option: Style = (value, mask) => {
  const number = sharpHex(BigInt(`0x0${hexOf(value)}`))
  const bits = mask === undefined ? undefined : hexOf(mask).replace(/^(00)+/, '')
  if (bits === '') return ''
  return bits === undefined || /^f*$/.test(bits) ? number : `${number}/0x${bits.replace(/^0/, '')}`
}
/** Open vSwitch does not show all matches on zero. */
export const unlessZero =
  (style: Style): Style =>
  (value, mask) =>
    (Number(value) & Number(mask ?? value)) === 0 ? undefined : style(value, mask)
export const own =
  (field: FieldName): Style =>
  (value, mask) =>
    formatValue(fieldSpec(field), value, mask)
