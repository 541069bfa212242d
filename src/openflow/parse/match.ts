/** Matches as ovs-ofctl(8) takes them. */
import { fromInteger, toInteger } from '../actions/bits.js'
import { canonicalEntries, type Entries, isWideRegister, splitRegisters } from '../canonical.js'
import { type Entry, isMasked } from '../entry.js'
import { type FieldName, fieldNames, fieldSpec, type IndexedField } from '../fields.js'
import type { Match } from '../match.js'
import { joinAddress, splitAddress } from '../value.js'
import { checkField } from './check.js'
import { fail, type Item, items, type Piece, parseInteger } from './piece.js'
import { keptAs, resolvePlaces } from './place.js'
import { type PortNames, parseField, parseSubfield, parseValue } from './value.js'
import { addTag, isVlanWord, type Tag } from './vlan.js'

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

/** The names of fields that mean another in a match. */
function fieldOf(key: Piece): FieldName {
  return key.text === 'in_port' ? 'inPort' : parseField(key).field
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

/** Value and mask of what is said of the field so far. */
function integers(spec: IndexedField, before: Entry | undefined): readonly [value: bigint, mask: bigint] {
  if (before === undefined) return [0n, 0n]
  const split = typeof before === 'string' ? splitAddress(spec, before) : before
  return isMasked(split)
    ? [toInteger(spec, split.value), toInteger(spec, split.mask)]
    : [toInteger(spec, split), (1n << BigInt(8 * spec.size)) - 1n]
}

/** Any field of Ethernet's that is named says that the packet is one. */
function impliesType(kept: Entries, { ethernet }: IndexedField): void {
  if (ethernet) kept.packetType ??= 0
}

/** A tunnel option is said once. */
function checkOnce(kept: Entries, { field, size }: IndexedField, key: Piece): void {
  if (size === 0 && kept[field] !== undefined) fail('conflict', key, 'occurs twice')
}

/** Adds bits of a field, as `reg0[0..15]=5`, to what is said of its other bits. */
function addBits(kept: Entries, { key, value }: Item): void {
  const { field, offset, bits } = parseSubfield(key)
  checkOnce(kept, fieldSpec(field), key)
  impliesType(kept, fieldSpec(field))
  const number = parseInteger(value, bits) << BigInt(offset)
  const given = ((1n << BigInt(bits)) - 1n) << BigInt(offset)
  for (const [name, part] of wordsOf(field, number, given)) {
    const spec = fieldSpec(name)
    const before = kept[keptAs(name)]
    const [oldValue, oldMask] = integers(spec, before)
    const mask = oldMask | part.mask
    const size = spec.size || Math.ceil(mask.toString(2).length / 8)
    keep(kept, name, {
      value: fromInteger(spec, ((oldValue & ~part.mask) | part.value) & mask, size),
      mask: fromInteger(spec, mask, size),
    })
  }
}

type Part = readonly [name: FieldName, { readonly value: bigint; readonly mask: bigint }]

/** The field, or the 32-bit words of a wide register. */
function wordsOf(field: FieldName, value: bigint, mask: bigint): Part[] {
  if (!isWideRegister(field)) return [[field, { value, mask }]]
  return partsOf(field, { value, mask }).map(([name, word]): Part => {
    const [bits, ones] = isMasked(word) ? [word.value, word.mask] : [word, 0xffffffff]
    return [name, { value: BigInt(Number(bits)), mask: BigInt(Number(ones)) }]
  })
}

/** The words of a wide register that have bits that count. */
function partsOf(register: FieldName, entry: Entry): (readonly [FieldName, Entry])[] {
  const words: Entries = { [register]: entry }
  splitRegisters(words)
  return fieldNames.flatMap((name) => {
    const word = words[name]
    return word === undefined ? [] : [[name, word] as const]
  })
}

/** Keeps what is said of the field in the place of what was said before; nothing, where no bit counts. */
function keep(kept: Entries, field: FieldName, said: Entry | undefined): void {
  const entry = said === undefined ? undefined : tidy(field, said)
  if (isWideRegister(field)) {
    for (const [word] of partsOf(field, 0n)) delete kept[word]
    if (entry !== undefined) for (const [word, part] of partsOf(field, entry)) kept[word] = part
  } else if (entry === undefined) delete kept[keptAs(field)]
  else kept[keptAs(field)] = entry
}

/** What a field without a value means: a packet has it, which says nothing of fields that all have. */
function existing(field: FieldName): Entry | undefined {
  return fieldSpec(field).size === 0 ? { value: Buffer.alloc(0), mask: Buffer.alloc(0) } : undefined
}

/** Fields of which Open vSwitch 3.1 matches the bits that are set in the value, whatever the mask is. */
const maskedByValue: ReadonlySet<FieldName> = new Set<FieldName>([
  'tunErspanVer',
  'tunErspanDir',
  'tunErspanHwid',
  'tunGtpuFlags',
  'tunGtpuMsgtype',
])

function valueAsMask(entry: Entry): Entry {
  const { value, mask } = isMasked(entry) ? entry : { value: entry, mask: 0xff }
  return { value: Number(value) & Number(mask), mask: value }
}

function addField(kept: Entries, { key, value }: Item, names?: PortNames): void {
  const named = fieldOf(key)
  const spec = fieldSpec(named)
  checkOnce(kept, spec, key)
  impliesType(kept, spec)
  if (value.text === '' && (spec.kind === 'mac' || spec.kind === 'ipv4' || spec.kind === 'ipv6'))
    fail('missing', key, 'has no value')
  if (value.text === '' || value.text === '*') {
    keep(kept, named === 'nwTos' ? 'ipDscp' : named, existing(named))
    return
  }
  const entry = parseValue(spec, value, names)
  checkField(spec, entry, value)
  if (named === 'nwTos' && typeof entry === 'number') keep(kept, 'ipDscp', entry >>> 2)
  else keep(kept, named, maskedByValue.has(named) ? valueAsMask(entry) : entry)
}

/** Reads the items of a match; `names` are those of ports. */
export function matchOf(list: readonly Item[], names?: PortNames): Match {
  const kept: Entries = {}
  const tag: Tag = { value: 0, mask: 0 }
  for (const part of list) {
    const { key } = part
    const word = words.get(key.text)
    if (word !== undefined) {
      const [ethType, ipProto] = word
      kept.packetType = ethType === undefined ? 0 : (kept.packetType ?? 0)
      if (ethType !== undefined) keep(kept, 'ethType', ethType)
      if (ipProto !== undefined) keep(kept, 'ipProto', ipProto)
    } else if (ignored.has(key.text)) continue
    else if (isVlanWord(key.text)) {
      kept.packetType ??= 0
      addTag(tag, part)
    } else if (key.text.includes('[')) addBits(kept, part)
    else addField(kept, part, names)
  }
  const entries = resolvePlaces(kept)
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
