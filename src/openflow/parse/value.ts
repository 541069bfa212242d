/** Values of fields, ports and parts of fields. */

import { bytesOf, fromInteger } from '../actions/bits.js'
import { formatIpv6, formatMac, parseIpv4, parseIpv6, parseMac } from '../addresses.js'
import type { Entry } from '../entry.js'
import { type Field, type FieldName, fieldByText, fieldSpec, type IndexedField } from '../fields.js'
import { narrowPort, Port, reservedPort, widenPort } from '../ports.js'
import type { Subfield } from '../subfield.js'
import { ctStateFlags, tcpFlagNames, tunFlagNames } from '../text/flags.js'
import { parseFrag } from '../text/value.js'
import { addressMask, joinAddress } from '../value.js'
import { cut, fail, type Piece, parseInteger, parseNumber, splitOnce } from './piece.js'

/** Names of ports on the bridge. */
export type PortNames = ReadonlyMap<string, number>

/** A port's number, reserved name or own name, quoted or not; undefined when it is none of these. */
export function findPort({ text }: Piece, names?: PortNames): number | undefined {
  if (/^(\d+|0x[0-9a-fA-F]+)$/.test(text)) {
    const number = Number(text)
    return number <= 0xffff
      ? widenPort(number)
      : number <= 0xffffffff && number >= 0xffffff00
        ? number
        : undefined
  }
  const name = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
  return names?.get(name) ?? reservedPort(text)
}

export function parsePort(piece: Piece, names?: PortNames): number {
  return findPort(piece, names) ?? fail('unknown-port', piece, 'is no port')
}

/** A reserved port without a meaning for packets is none to send to. */
export function checkOutput(port: number, piece: Piece): number {
  const reserved = port >= 0xffffff00 && port < Port.inPort
  return reserved || port === Port.any ? fail('bad-value', piece, 'is no port to send to') : port
}

export function parseOutput(piece: Piece, names?: PortNames): number {
  return checkOutput(parsePort(piece, names), piece)
}

/** Open vSwitch's other names for fields, and OpenFlow's for those that have another name in Open vSwitch. */
const aliases: ReadonlyMap<string, FieldName> = new Map<string, FieldName>([
  ['dl_src', 'ethSrc'],
  ['dl_dst', 'ethDst'],
  ['dl_type', 'ethType'],
  ['tunnel_id', 'tunnelId'],
  ['nw_src', 'ipv4Src'],
  ['nw_dst', 'ipv4Dst'],
  ['ip_proto', 'ipProto'],
  ['ip_ecn', 'ipEcn'],
  ['nw_frag', 'ipFrag'],
  ['tp_src', 'tcpSrc'],
  ['tp_dst', 'tcpDst'],
  ['icmpv4_type', 'icmpv4Type'],
  ['icmpv4_code', 'icmpv4Code'],
  ['ipv6_flabel', 'ipv6Flabel'],
  ['gtpu_flags', 'tunGtpuFlags'],
  ['gtpu_msgtype', 'tunGtpuMsgtype'],
])

export function parseField(piece: Piece): IndexedField {
  const alias = aliases.get(piece.text)
  const spec = alias === undefined ? fieldByText(piece.text) : fieldSpec(alias)
  return spec ?? fail('unknown-field', piece, 'is no field')
}

/** Whether the text names a field or a part of one. */
export function isSubfield({ text }: Piece): boolean {
  const [name = ''] = text.split('[')
  return aliases.has(name) || fieldByText(name) !== undefined
}

/** `NXM_NX_REG0[0..15]`, `reg0[3]`, `reg0[]` or `reg0`. */
export function parseSubfield(piece: Piece): Subfield {
  const open = piece.text.indexOf('[')
  const spec = parseField(open < 0 ? piece : cut(piece, 0, open))
  if (open >= 0 && !piece.text.endsWith(']')) fail('syntax', piece, 'lacks a bracket')
  const range = open < 0 ? cut(piece, piece.text.length) : cut(piece, open + 1, piece.text.length - 1)
  if (range.text === '') return { field: spec.field, offset: 0, bits: spec.bits }
  const [from, to] = splitOnce(range, '..') ?? [range, range]
  const [offset, last] = [parseNumber(from, 16), parseNumber(to, 16)]
  if (last < offset || last >= spec.bits) fail('bad-value', range, `is no range of ${spec.bits} bits`)
  return { field: spec.field, offset, bits: last - offset + 1 }
}

/** Names of flags, the mask of them all, and the bits that may be said. */
interface FlagForm {
  readonly names: readonly string[]
  readonly whole: number
  readonly allowed: number
}

const flagForms: Partial<Record<Field['form'], FlagForm>> = {
  ctState: { names: ctStateFlags, whole: 0xff, allowed: 0xff },
  tcpFlags: { names: tcpFlagNames, whole: 0xffff, allowed: 0xfff },
  tunFlags: { names: tunFlagNames, whole: 1, allowed: 1 },
}

function flagBit({ names, allowed }: FlagForm, word: string, piece: Piece): number {
  const bit = 2 ** names.indexOf(word)
  return bit < 1 || (bit & allowed) === 0 ? fail('bad-value', piece, `has an unknown flag ${word}`) : bit
}

function flagNumber(piece: Piece, allowed: number): number {
  const number = parseNumber(piece, 32)
  return (number & ~allowed) === 0 ? number : fail('bad-value', piece, 'has unknown flags')
}

/** `+est-trk`, `syn|ack`, or a number with or without mask. */
function parseFlags(piece: Piece, form: FlagForm): Entry {
  const { text } = piece
  const { whole, allowed } = form
  if (/^[+-]/.test(text)) {
    let [value, mask] = [0, 0]
    for (const [, sign, word = ''] of text.matchAll(/([+-])([^+-]*)/g)) {
      const bit = flagBit(form, word, piece)
      if (mask & bit) fail('bad-value', piece, `says ${word} twice`)
      mask |= bit
      if (sign === '+') value |= bit
    }
    return { value, mask }
  }
  if (/^\d/.test(text)) {
    const [value, mask] = splitOnce(piece, '/') ?? [piece, undefined]
    return {
      value: flagNumber(value, allowed),
      mask: mask === undefined ? whole : flagNumber(mask, whole === 0xffff ? whole : allowed),
    }
  }
  return { value: text.split('|').reduce((bits, word) => bits | flagBit(form, word, piece), 0), mask: whole }
}

/** Each byte of an Ethernet address with both of its digits. */
function longMac(text: string): string {
  return text.length === 17
    ? text
    : text
        .split(':')
        .map((byte) => byte.padStart(2, '0'))
        .join(':')
}

function parseAddress(spec: Field, value: Piece, mask: Piece | undefined): Entry {
  if (spec.kind === 'mac') {
    const canonical = (piece: Piece): string => {
      const number = parseMac(longMac(piece.text)) ?? fail('bad-value', piece, 'is no Ethernet address')
      return formatMac(Math.floor(number / 2 ** 32), number >>> 0)
    }
    return mask === undefined ? canonical(value) : { value: canonical(value), mask: canonical(mask) }
  }
  const kind = spec.kind === 'ipv4' ? 'ipv4' : 'ipv6'
  const words = kind === 'ipv6' ? parseIpv6(value.text) : undefined
  if (kind === 'ipv4' ? parseIpv4(value.text) === undefined : words === undefined)
    fail('bad-value', value, `is no ${kind} address`)
  const address = words === undefined ? value.text : formatIpv6(words)
  if (mask === undefined) return address
  const bits = addressMask(kind, mask.text) ?? fail('bad-value', mask, 'is no prefix and no mask')
  return joinAddress(spec, address, String(fromInteger(spec, words128(bits))))
}

function words128(words: readonly number[]): bigint {
  return words.reduce((value, word) => (value << 32n) | BigInt(word), 0n)
}

function parsePacketType(piece: Piece): Entry {
  const parts = /^\(([^,]+),([^,]+)\)$/.exec(piece.text)
  if (parts === null) return parseNumber(piece, 32)
  const [, ns = '', type = ''] = parts
  return (
    parseNumber({ text: ns, at: piece.at + 1 }, 16) * 0x10000 +
    parseNumber({ text: type, at: piece.at + 2 + ns.length }, 16)
  )
}

/** An option's bytes: as many as the number needs. */
function parseOption(piece: Piece, like?: Uint8Array): Uint8Array {
  const bytes = bytesOf(parseInteger(piece, 992))
  const missing = (like?.length ?? 0) - bytes.length
  return missing > 0 ? Buffer.concat([Buffer.alloc(missing), bytes]) : bytes
}

function parseOptions(value: Piece, mask: Piece | undefined): Entry {
  if (mask === undefined) return parseOption(value)
  const bits = parseOption(mask, parseOption(value))
  return { value: parseOption(value, bits), mask: bits }
}

/** A value of the field, with its mask behind a slash if there is one. */
export function parseValue(spec: Field, piece: Piece, names?: PortNames): Entry {
  const flags = flagForms[spec.form]
  if (flags !== undefined) return parseFlags(piece, flags)
  if (spec.form === 'port') {
    const port = parsePort(piece, names)
    return spec.size === 2 ? narrowPort(port) : port
  }
  if (spec.form === 'packetType') return parsePacketType(piece)
  if (spec.form === 'frag')
    return parseFrag(piece.text.toLowerCase()) ?? fail('bad-value', piece, 'says nothing about fragments')
  const [value, mask] = splitOnce(piece, '/') ?? [piece, undefined]
  if (spec.kind === 'mac' || spec.kind === 'ipv4' || spec.kind === 'ipv6')
    return parseAddress(spec, value, mask)
  if (spec.kind === 'bytes') return parseOptions(value, mask)
  const read = (part: Piece): number | bigint =>
    spec.kind === 'bigint' ? parseInteger(part, spec.size * 8) : parseNumber(part, spec.size * 8)
  return mask === undefined ? read(value) : { value: read(value), mask: read(mask) }
}
