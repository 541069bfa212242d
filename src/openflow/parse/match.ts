/** Matches as ovs-ofctl(8) takes them. */
import { fromInteger, toInteger } from '../actions/bits.js'
import { canonicalEntries, type Entries } from '../canonical.js'
import { type Entry, isMasked } from '../entry.js'
import { type FieldName, fieldSpec } from '../fields.js'
import type { Match } from '../match.js'
import { joinAddress, splitAddress } from '../value.js'
import { fail, type Item, items, type Piece, parseInteger, parseNumber } from './piece.js'
import { type PortNames, parseField, parseSubfield, parseValue } from './value.js'

/** Words for an Ethernet type, with or without IP protocol. */
const words: ReadonlyMap<string, readonly [ethType?: number, ipProto?: number]> = new Map([
  ['eth', []],
  ['ip', [0x0800]],
  ['ipv4', [0x0800]],
  ['ip4', [0x0800]],
  ['icmp', [0x0800, 1]],
  ['icmp4', [0x0800, 1]],
  ['tcp', [0x0800, 6]],
  ['tcp4', [0x0800, 6]],
  ['udp', [0x0800, 17]],
  ['udp4', [0x0800, 17]],
  ['sctp', [0x0800, 132]],
  ['sctp4', [0x0800, 132]],
  ['ipv6', [0x86dd]],
  ['ip6', [0x86dd]],
  ['icmp6', [0x86dd, 58]],
  ['icmpv6', [0x86dd, 58]],
  ['tcp6', [0x86dd, 6]],
  ['udp6', [0x86dd, 17]],
  ['sctp6', [0x86dd, 132]],
  ['arp', [0x0806]],
  ['rarp', [0x8035]],
  ['mpls', [0x8847]],
  ['mplsm', [0x8848]],
])

/** What ovs-ofctl reads and does not use. */
const ignored: ReadonlySet<string> = new Set(['no_readonly_table', 'allow_hidden_fields'])

/** Fields whose meaning depends on the protocol that the same match names. */
const tcp = 6
const udp = 17
const sctp = 132
const ports: ReadonlyMap<string, ReadonlyMap<number, FieldName>> = new Map([
  [
    'tp_src',
    new Map<number, FieldName>([
      [tcp, 'tcpSrc'],
      [udp, 'udpSrc'],
      [sctp, 'sctpSrc'],
    ]),
  ],
  [
    'tp_dst',
    new Map<number, FieldName>([
      [tcp, 'tcpDst'],
      [udp, 'udpDst'],
      [sctp, 'sctpDst'],
    ]),
  ],
])
const inArp: ReadonlyMap<string, FieldName> = new Map([
  ['nw_src', 'arpSpa'],
  ['nw_dst', 'arpTpa'],
  ['nw_proto', 'arpOp'],
])
const inIpv6: ReadonlyMap<string, FieldName> = new Map([
  ['icmp_type', 'icmpv6Type'],
  ['icmp_code', 'icmpv6Code'],
])

/** The field that a transport port means for an IP protocol. */
export function transportPort(name: 'tp_src' | 'tp_dst', ipProto: unknown): FieldName | undefined {
  return typeof ipProto === 'number' ? ports.get(name)?.get(ipProto) : undefined
}

function resolve(key: Piece, { ethType, ipProto }: Entries): FieldName {
  const name = key.text
  if (name === 'in_port') return 'inPort'
  if (name === 'tp_src' || name === 'tp_dst')
    return transportPort(name, ipProto) ?? fail('missing', key, 'needs tcp, udp or sctp')
  const meant =
    ethType === 0x0806 || ethType === 0x8035
      ? inArp.get(name)
      : ethType === 0x86dd
        ? inIpv6.get(name)
        : undefined
  return meant ?? parseField(key).field
}

/** A tag as far as the text speaks of it. */
interface Tag {
  value: number
  mask: number
}

/** `dl_vlan` and `dl_vlan_pcp` each say that there is a tag; 0xffff says that there is none. */
function addTag(tag: Tag, { key, value }: Item): void {
  if (key.text === 'dl_vlan') {
    const vlan = parseNumber(value, 16)
    if (vlan > 0xfff && vlan !== 0xffff) fail('bad-value', value, 'is no VLAN')
    tag.value |= vlan === 0xffff ? 0 : 0x1000 | vlan
    tag.mask |= 0x1fff
  } else {
    tag.value |= 0x1000 | (parseNumber(value, 3) << 13)
    tag.mask |= 0xf000
  }
}

/** The entry with zeros where its mask has them, so that equal matches are equal values. */
function tidy(field: FieldName, entry: Entry): Entry | undefined {
  const spec = fieldSpec(field)
  const masked = typeof entry === 'string' ? splitAddress(spec, entry) : entry
  if (!isMasked(masked)) return masked
  const { value, mask } = masked
  if (typeof value === 'number' && typeof mask === 'number') {
    const full = 2 ** (spec.size * 8) - 1
    return mask === 0 ? undefined : mask === full ? value : { value: (value & mask) >>> 0, mask }
  }
  if (typeof value === 'bigint' && typeof mask === 'bigint') {
    const full = (1n << BigInt(spec.size * 8)) - 1n
    return mask === 0n ? undefined : mask === full ? value : { value: value & mask, mask }
  }
  if (spec.kind !== 'mac' && typeof value === 'string' && typeof mask === 'string')
    return joinAddress(spec, value, mask)
  return masked
}

/** Adds bits of a field, as `reg0[0..15]=5`, to what is said of its other bits. */
function addBits(entries: Entries, { key, value }: Item): void {
  const { field, offset, bits } = parseSubfield(key)
  const spec = fieldSpec(field)
  const before = entries[field]
  const ones = (1n << BigInt(8 * spec.size)) - 1n
  const given = ((1n << BigInt(bits)) - 1n) << BigInt(offset)
  const [oldValue, oldMask] =
    before === undefined
      ? [0n, 0n]
      : isMasked(before)
        ? [toInteger(spec, before.value), toInteger(spec, before.mask)]
        : [toInteger(spec, before), ones]
  const number = (oldValue & ~given) | (parseInteger(value, bits) << BigInt(offset))
  const mask = oldMask | given
  const entry = tidy(field, { value: fromInteger(spec, number & mask), mask: fromInteger(spec, mask) })
  if (entry !== undefined) entries[field] = entry
}

/** Reads the items of a match; `names` are those of ports. */
export function matchOf(list: readonly Item[], names?: PortNames): Match {
  const entries: Entries = {}
  const tag: Tag = { value: 0, mask: 0 }
  for (const { key } of list) {
    const [ethType, ipProto] = words.get(key.text) ?? []
    if (ethType !== undefined) entries.ethType = ethType
    if (ipProto !== undefined) entries.ipProto = ipProto
  }
  for (const part of list) {
    const { key, value } = part
    if (words.has(key.text) || ignored.has(key.text)) continue
    if (value.text === '') fail('missing', key, 'has no value')
    if (key.text === 'dl_vlan' || key.text === 'dl_vlan_pcp') {
      addTag(tag, part)
      continue
    }
    if (key.text.endsWith(']')) {
      addBits(entries, part)
      continue
    }
    const field = resolve(key, entries)
    const entry = tidy(field, parseValue(fieldSpec(field), value, names))
    if (entries[field] !== undefined && field !== 'ethType' && field !== 'ipProto')
      fail('conflict', key, 'occurs twice')
    if (entry !== undefined) entries[field] = entry
  }
  if (tag.mask !== 0) entries.vlanTci = tag
  return canonicalEntries(entries) as Match
}

/**
 * Reads a match as `ip,nw_dst=10.0.0.0/8,reg0=5`.
 * @param options `names`: numbers of ports by name
 * @throws ParseError
 */
export function parseMatch(text: string, { names }: { readonly names?: PortNames } = {}): Match {
  return matchOf(items({ text, at: 0 }), names)
}
