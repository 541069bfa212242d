/**
 * One way to say a thing: registers overlap (`xreg0` is `reg0` and `reg1`), a VLAN tag can be matched whole or in
 * parts, and some fields have bits that no packet has.
 */

import { toInteger } from './actions/bits.js'
import { type Entry, isMasked } from './entry.js'
import type { RegName, XregName, XxregName } from './fields/pipeline.js'
import { type FieldName, fieldNames, fieldSpec, type IndexedField } from './fields.js'
import { fits } from './integers.js'
import { widenPort } from './ports.js'
import { splitAddress, wrongValue } from './value.js'

/** A match while it is put together; `unknown` stays with the match. */
export type Entries = { [F in FieldName]?: Entry } & { unknown?: readonly Uint8Array[] }

/** A field that can be said in other ways, or with a mask that says nothing. */
interface Rule {
  readonly field: FieldName
  /** Whether it is not said in the one way. */
  readonly applies: (entry: Entry) => boolean
  /** What says the same and takes its place. */
  readonly rewrite: (entry: Entry) => Entries
}

type Rules = ReadonlyMap<string, Rule>

const rulesFor = (rules: readonly Rule[]): Rules => new Map(rules.map((rule) => [rule.field, rule]))
const always = (): boolean => true
const isExact = (entry: Entry): boolean => !isMasked(entry)

const ones32 = 0xffffffffn

/** A register of several 32-bit words, the first of which is `reg<first>`. */
function wideRegister(field: FieldName, first: number, words: number): Rule {
  const spec = fieldSpec(field)
  const names = Array.from({ length: words }, (_, i) => `reg${first + i}` as RegName)
  const ones = (1n << BigInt(32 * words)) - 1n
  return {
    field,
    applies: always,
    rewrite(entry) {
      const { value, mask } = isMasked(entry) ? entry : { value: entry, mask: ones }
      if (typeof value !== 'bigint' || !fits(value, 32 * words)) throw wrongValue(spec, value)
      if (typeof mask !== 'bigint' || !fits(mask, 32 * words)) throw wrongValue(spec, mask)
      const entries: Entries = {}
      names.forEach((name, i) => {
        const shift = BigInt(32 * (words - 1 - i))
        const bits = Number((mask >> shift) & ones32)
        const number = Number((value >> shift) & ones32)
        if (bits !== 0) entries[name] = bits === 0xffffffff ? number : { value: number, mask: bits }
      })
      return entries
    },
  }
}

const registerRules = rulesFor([
  ...Array.from({ length: 8 }, (_, i) => wideRegister(`xreg${i}` as XregName, 2 * i, 2)),
  ...Array.from({ length: 4 }, (_, i) => wideRegister(`xxreg${i}` as XxregName, 4 * i, 4)),
])

/** A whole tag is presence and VLAN (13 bits) and, if a tag must be there, its priority. */
function splitTag(entry: Entry): Entries {
  const { value, mask } = isMasked(entry) ? entry : { value: entry, mask: 0xffff }
  const bits = Number(value) & Number(mask)
  const [vid, vidMask] = [bits & 0x1fff, Number(mask) & 0x1fff]
  return {
    ...(vidMask !== 0 && { vlanVid: vidMask === 0x1fff ? vid : { value: vid, mask: vidMask } }),
    ...(vid !== 0 && Number(mask) >>> 13 !== 0 && { vlanPcp: bits >>> 13 }),
  }
}

/** A field of so many bits needs no mask when the mask has them all, though the field's bytes have more. */
function fullMask(field: FieldName, bits: number): Rule {
  return {
    field,
    applies: (entry) => isMasked(entry) && (Number(entry.mask) & bits) === bits,
    rewrite: (entry) => ({ [field]: isMasked(entry) ? entry.value : entry }),
  }
}

/** The flags that exist are all that an exact match can be about. */
function flags(field: FieldName, mask: number): Rule {
  return {
    field,
    applies: isExact,
    rewrite: (entry) => ({ [field]: isMasked(entry) ? entry : { value: entry, mask } }),
  }
}

const rules: Rules = new Map([
  ...registerRules,
  ...rulesFor([
    { field: 'vlanTci', applies: always, rewrite: splitTag },
    fullMask('vlanVid', 0x1fff),
    fullMask('ipFrag', 3),
    fullMask('ipv6Flabel', 0xfffff),
    flags('ctState', 0xff),
    flags('tunFlags', 1),
    { field: 'nwTos', applies: isExact, rewrite: (entry) => ({ ipDscp: Number(entry) >>> 2 }) },
    { field: 'inPort16', applies: isExact, rewrite: (entry) => ({ inPort: widenPort(Number(entry)) }) },
  ]),
])

/** A 64-bit register and the two 32-bit words that it is. */
export interface RegisterPair {
  readonly wide: IndexedField
  readonly high: IndexedField
  readonly low: IndexedField
}

const pairs: ReadonlyMap<string, RegisterPair> = new Map(
  Array.from({ length: 8 }, (_, i) => ({
    wide: fieldSpec(`xreg${i}` as XregName),
    high: fieldSpec(`reg${2 * i}` as RegName),
    low: fieldSpec(`reg${2 * i + 1}` as RegName),
  })).flatMap((pair) => [
    [pair.high.field, pair],
    [pair.low.field, pair],
  ]),
)

/** A field as part of a match. */
export interface MatchField {
  readonly spec: IndexedField
  readonly rule: Rule | undefined
  /** What Open vSwitch writes in the place of a 32-bit register in OpenFlow 1.5. */
  readonly pair: RegisterPair | undefined
}

const matchFields: ReadonlyMap<string, MatchField> = new Map(
  fieldNames.map((name) => [name, { spec: fieldSpec(name), rule: rules.get(name), pair: pairs.get(name) }]),
)

/**
 * Whether the match is about fields that only Ethernet packets have, which says that the packet is one; a mask without
 * bits says nothing.
 */
function impliesEthernet(entries: Readonly<Entries>): boolean {
  for (const name in entries) {
    const spec = matchFields.get(name)?.spec
    const entry = spec?.ethernet ? entries[spec.field] : undefined
    if (spec === undefined || entry === undefined) continue
    const said = typeof entry === 'string' ? splitAddress(spec, entry) : entry
    if (!isMasked(said) || toInteger(spec, said.mask) !== 0n) return true
  }
  return false
}

/** Leaves out that the packet is one of Ethernet where that goes without saying. */
export function dropImpliedType(entries: Entries): void {
  if (entries.packetType === 0 && impliesEthernet(entries)) delete entries.packetType
}

/** The fields that are there, in the order of the wire; undefined when not everything is said in the one way. */
export function fieldsInOrder(entries: Readonly<Entries>): MatchField[] | undefined {
  if (entries.packetType === 0 && impliesEthernet(entries)) return undefined
  const present: MatchField[] = []
  for (const name in entries) {
    const field = matchFields.get(name)
    const entry = field && entries[field.spec.field]
    if (field === undefined || entry === undefined) continue
    if (field.rule?.applies(entry)) return undefined
    let at = present.length
    for (let before = present[at - 1]; before !== undefined; before = present[at - 1]) {
      if (before.spec.order < field.spec.order) break
      present[at--] = before
    }
    present[at] = field
  }
  return present
}

/** Whether the field is a register of 64 or 128 bits, which others are parts of. */
export function isWideRegister(field: FieldName): boolean {
  return registerRules.has(field)
}

/** Replaces wide registers by their 32-bit words. */
export function splitRegisters(entries: Entries): void {
  rewrite(entries, registerRules)
}

/** The fields with everything said in one way: registers are 32-bit words. A copy, where something is to change. */
export function canonicalEntries(match: Readonly<Entries>): Readonly<Entries> {
  if (fieldsInOrder(match) !== undefined) return match
  const entries: Entries = { ...match }
  rewrite(entries, rules)
  dropImpliedType(entries)
  return entries
}

function rewrite(entries: Entries, by: Rules): void {
  for (const name in entries) {
    const rule = by.get(name)
    const entry = rule && entries[rule.field]
    if (rule === undefined || entry === undefined || !rule.applies(entry)) continue
    delete entries[rule.field]
    Object.assign(entries, rule.rewrite(entry))
  }
}
