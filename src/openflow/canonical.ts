/**
 * One way to say a thing: registers overlap (`xreg0` is `reg0` and `reg1`), and a VLAN tag can be matched whole or in
 * parts. OpenFlow 1.5 has Open vSwitch write registers in pairs, earlier versions one by one.
 */

import { EncodeError } from './bytes.js'
import type { RegName, XregName } from './fields/pipeline.js'
import { type FieldName, findField } from './fields.js'
import { widenPort } from './ports.js'
import type { AnyValue, Masked } from './value.js'

/** A value with or without mask, of whichever kind. */
export type Entry = AnyValue | Masked<AnyValue>

/** A match while it is put together; `unknown` stays with the match. */
export type Entries = { [F in FieldName]?: Entry } & { unknown?: readonly Uint8Array[] }

export function isMasked(entry: Entry): entry is Masked<AnyValue> {
  return typeof entry === 'object' && !(entry instanceof Uint8Array)
}

interface Register {
  readonly first: number
  readonly words: number
}

const registers: ReadonlyMap<string, Register> = new Map(
  [1, 2, 4].flatMap((words) =>
    Array.from({ length: 16 / words }, (_, i): [string, Register] => [
      `${'x'.repeat(Math.log2(words))}reg${i}`,
      { first: i * words, words },
    ]),
  ),
)

/** Whether the field is a register of 64 or 128 bits, which others are parts of. */
export function isWideRegister(field: FieldName): boolean {
  return (registers.get(field)?.words ?? 1) > 1
}

const regNames = [...registers.keys()].filter((name): name is RegName => name.startsWith('reg'))
const xregNames = [...registers.keys()].filter((name): name is XregName => name.startsWith('xreg'))

/** Each 64-bit register with its upper and lower half. */
const pairs = xregNames.map(
  (xreg, i) => [xreg, ...regNames.slice(2 * i, 2 * i + 2)] as [XregName, RegName, RegName],
)

const word = 0xffffffffn

/** Says of a wide register what it says of its words. */
function splitRegister(entries: Entries, { first, words }: Register, entry: Entry): void {
  const [value, mask] = isMasked(entry) ? [entry.value, entry.mask] : [entry, -1n]
  if (typeof value !== 'bigint' || typeof mask !== 'bigint') return
  for (let i = 0; i < words; i++) {
    const shift = BigInt(32 * (words - 1 - i))
    const name = regNames[first + i]
    const bits = Number((mask >> shift) & word)
    if (name === undefined || bits === 0) continue
    const number = Number((value >> shift) & word)
    entries[name] = bits === 0xffffffff ? number : { value: number, mask: bits }
  }
}

/** Replaces wide registers by their 32-bit words. */
export function splitRegisters(entries: Entries): void {
  for (const name in entries) {
    const register = registers.get(name)
    if (register === undefined || register.words === 1) continue
    const spec = findField(name)
    const entry = spec && entries[spec.field]
    if (spec === undefined || entry === undefined) continue
    delete entries[spec.field]
    splitRegister(entries, register, entry)
  }
}

/** The 32-bit number as a bigint. */
function half(value: AnyValue): bigint {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new EncodeError(`${String(value)} is no value of a register`)
  return BigInt(value)
}

function valueAndMask(entry: Entry | undefined): readonly [value: bigint, mask: bigint] {
  if (entry === undefined) return [0n, 0n]
  return isMasked(entry) ? [half(entry.value), half(entry.mask)] : [half(entry), word]
}

function wide(high: Entry | undefined, low: Entry | undefined): Entry {
  const [highValue, highMask] = valueAndMask(high)
  const [lowValue, lowMask] = valueAndMask(low)
  return { value: (highValue << 32n) | lowValue, mask: (highMask << 32n) | lowMask }
}

function pairRegisters(entries: Entries): void {
  for (const [xreg, high, low] of pairs) {
    if (entries[high] === undefined && entries[low] === undefined) continue
    entries[xreg] = wide(entries[high], entries[low])
    delete entries[high]
    delete entries[low]
  }
}

/** A whole tag is presence and VLAN (13 bits) and, if a tag must be there, its priority. */
function splitTag(entries: Entries, entry: Entry): void {
  const [value, mask] = isMasked(entry) ? [Number(entry.value), Number(entry.mask)] : [Number(entry), 0xffff]
  delete entries.vlanTci
  const vid = value & mask & 0x1fff
  if ((mask & 0x1fff) !== 0) entries.vlanVid = { value: vid, mask: mask & 0x1fff }
  if (vid !== 0 && mask >>> 13 !== 0) entries.vlanPcp = (value & mask) >>> 13
}

/** A field of so many bits needs no mask when the mask has them all, though the field's bytes have more. */
function dropFullMask(entries: Entries, field: 'vlanVid' | 'ipFrag' | 'ipv6Flabel', bits: number): void {
  const entry = entries[field]
  if (entry !== undefined && isMasked(entry) && (Number(entry.mask) & bits) === bits)
    entries[field] = entry.value
}

/** The flags that exist are all that an exact match can be about. */
function maskFlags(entries: Entries, field: 'ctState' | 'tunFlags', mask: number): void {
  const entry = entries[field]
  if (typeof entry === 'number') entries[field] = { value: entry, mask }
}

/** Replaces what has another name on the wire by that, and drops what goes without saying. */
function rename(entries: Entries): void {
  const { vlanTci, nwTos, inPort16 } = entries
  if (entries.packetType === 0) delete entries.packetType
  if (vlanTci !== undefined) splitTag(entries, vlanTci)
  dropFullMask(entries, 'vlanVid', 0x1fff)
  dropFullMask(entries, 'ipFrag', 3)
  dropFullMask(entries, 'ipv6Flabel', 0xfffff)
  maskFlags(entries, 'ctState', 0xff)
  maskFlags(entries, 'tunFlags', 1)
  if (nwTos !== undefined && !isMasked(nwTos)) {
    delete entries.nwTos
    entries.ipDscp = Number(nwTos) >>> 2
  }
  if (inPort16 !== undefined && !isMasked(inPort16)) {
    delete entries.inPort16
    entries.inPort = widenPort(Number(inPort16))
  }
}

/** Fields that may be said in other ways, or that a full mask may stand beside. */
const ambiguous: ReadonlySet<string> = new Set([
  ...[...registers].filter(([, { words }]) => words > 1).map(([name]) => name),
  ...['packetType', 'vlanTci', 'vlanVid', 'ipFrag', 'ipv6Flabel', 'ctState', 'tunFlags', 'nwTos', 'inPort16'],
])

function isCanonical(match: Readonly<Entries>): boolean {
  for (const name in match) if (ambiguous.has(name)) return false
  return true
}

/** The fields with everything said in one way: registers are 32-bit words. A copy, where something is to change. */
export function canonicalEntries(match: Readonly<Entries>): Readonly<Entries> {
  if (isCanonical(match)) return match
  const entries: Entries = { ...match }
  splitRegisters(entries)
  rename(entries)
  return entries
}

/** The same with registers in pairs, as Open vSwitch writes them in OpenFlow 1.5. */
export function pairedEntries(match: Readonly<Entries>): Readonly<Entries> {
  const entries: Entries = { ...canonicalEntries(match) }
  pairRegisters(entries)
  return entries
}
