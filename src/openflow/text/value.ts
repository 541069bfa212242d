/** Values of fields as Open vSwitch writes them in actions. */
import { toInteger } from '../actions/bits.js'
import { type Field, fieldSpec } from '../fields.js'
import { formatPort, widenPort } from '../ports.js'
import type { Subfield } from '../subfield.js'
import { type AnyValue, joinAddress } from '../value.js'
import { ctStateFlags, formatMaskedFlags, tcpFlagNames, tunFlagNames } from './flags.js'

/** As Open vSwitch writes it: no 0x before zero. */
export function hex(value: number | bigint): string {
  return value === 0 || value === 0n ? '0' : `0x${value.toString(16)}`
}

/** Bytes as `0a.ff`. */
export function formatBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('.')
}

const frags: readonly (readonly [name: string, mask: number, value: number])[] = [
  ['no', 3, 0],
  ['first', 3, 1],
  ['later', 3, 3],
  ['no', 1, 0],
  ['yes', 1, 1],
  ['not_later', 2, 0],
  ['later', 2, 2],
]

/** Which fragments: `no`, `yes`, `first`, `later`, `not_later`. */
export function formatFrag(value: number, mask: number): string {
  const bits = mask & 3
  return frags.find(([, m, v]) => m === bits && v === (value & bits))?.[0] ?? '<error>'
}

/** The fragments and their mask by name; the narrowest meaning first. */
export function parseFrag(name: string): { value: number; mask: number } | undefined {
  const found = frags.find(([n]) => n === name)
  return found && { value: found[2], mask: found[1] }
}

export function formatPacketType(value: number, mask = 0xffffffff): string {
  if (value === 0 && mask === 0xffffffff) return 'eth'
  const part = (v: number, m: number, text: string): string =>
    m === 0xffff ? text : m === 0 ? '*' : `${hex(v)}/${hex(m)}`
  const [ns, type] = [value >>> 16, value & 0xffff]
  return `packet_type=(${part(ns, mask >>> 16, String(ns))},${part(type, mask & 0xffff, type === 0 ? '0' : hex(type))})`
}

function number(field: Field, value: number, mask: number | undefined): string {
  const all = mask ?? 2 ** (8 * field.size) - 1
  switch (field.form) {
    case 'port':
      if (mask === undefined) return formatPort(field.size === 2 ? widenPort(value) : value)
      return `${value}/${hex(mask)}`
    case 'frag':
      return formatFrag(value, all)
    case 'ctState':
      return formatMaskedFlags(ctStateFlags, value, all, 0xffff)
    case 'tcpFlags':
      return formatMaskedFlags(tcpFlagNames, value, all & 0xfff, 0xfff)
    case 'tunFlags':
      return formatMaskedFlags(tunFlagNames, value, all & 1, 1)
    case 'packetType':
      return formatPacketType(value, all)
    case 'hex':
      return mask === undefined ? hex(value) : `${hex(value)}/${hex(mask)}`
    default:
      return mask === undefined ? String(value) : `${value}/${hex(mask)}`
  }
}

/** The value as in `set_field:…->field`. */
export function formatValue(field: Field, value: AnyValue, mask?: AnyValue): string {
  const bits = mask === undefined ? undefined : toInteger(field, mask)
  if (bits === 0n) return 'ANY'
  const exact = bits === undefined || (field.size > 0 && bits === (1n << BigInt(8 * field.size)) - 1n)
  if (typeof value === 'number')
    return number(field, value, exact || bits === undefined ? undefined : Number(bits))
  if (typeof value === 'string') {
    if (exact || typeof mask !== 'string') return value
    return field.kind === 'mac' ? `${value}/${mask}` : joinAddress(field, value, mask)
  }
  const text = hex(toInteger(field, value))
  return exact || bits === undefined ? text : `${text}/${hex(bits)}`
}

/** The bits as `NXM_NX_REG0[0..15]`. */
export function formatSubfield({ field, offset, bits }: Subfield): string {
  const spec = fieldSpec(field)
  const range =
    offset === 0 && bits === spec.bits ? '' : bits === 1 ? String(offset) : `${offset}..${offset + bits - 1}`
  return `${spec.header[0].name}[${range}]`
}
