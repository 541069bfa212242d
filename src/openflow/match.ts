/** The match of a flow (OpenFlow 1.5.1, §7.2.3): fields in canonical order, so that equal matches are equal bytes. */
import { DecodeError, type Reader, type Writer } from './bytes.js'
import {
  canonicalEntries,
  dropImpliedType,
  type Entries,
  fieldsInOrder,
  splitRegisters,
} from './canonical.js'
import { type Entry, writeEntry, writePair } from './entry.js'
import { type FieldName, type FieldValue, fieldByHeader, type IndexedField } from './fields.js'
import { type AnyValue, joinAddress, type Masked, readValue } from './value.js'
import type { Version } from './version.js'

/** Addresses take `a.b.c.d/24` or `a.b.c.d/255.255.255.0`; all other fields take a value and its mask apart. */
export type MatchValue<F extends FieldName = FieldName> = FieldValue<F> | Masked<FieldValue<F>>

/** Fields that must have these values; `unknown` are fields that we do not know, header included, kept as they came. */
export type Match = { readonly [F in FieldName]?: MatchValue<F> } & {
  readonly unknown?: readonly Uint8Array[]
}

/** The type of a match in OXM, the only one that is left (§7.2.3.1). */
const matchTypeOxm = 1

/**
 * Writes the fields without the structure around them, in the order in which Open vSwitch writes them: registers in pairs
 * in OpenFlow 1.5, one by one before.
 * @throws EncodeError when a value does not fit its field
 */
export function encodeFields(w: Writer, match: Match, version: Version): void {
  const present = fieldsInOrder(match)
  if (present === undefined) {
    encodeFields(w, canonicalEntries(match) as Match, version)
    return
  }
  const entries: Readonly<Entries> = match
  let paired: IndexedField | undefined
  for (const { spec, pair } of present) {
    const entry = entries[spec.field]
    if (entry === undefined || spec === paired) continue
    if (version === 6 && pair !== undefined) {
      const { wide, high, low } = pair
      writePair(w, pair, wide.header[version], entries[high.field], entries[low.field])
      paired = low
    } else writeEntry(w, spec, spec.header[version], entry)
  }
  if (match.unknown !== undefined) for (const entry of match.unknown) w.bytes(entry)
}

/**
 * Writes `struct ofp_match`, padded to 8 bytes. The same match always gives the same bytes.
 * @throws EncodeError when a value does not fit its field
 */
export function encodeMatch(w: Writer, match: Match, version: Version): void {
  const start = w.length
  w.u16(matchTypeOxm)
  w.u16(0)
  encodeFields(w, match, version)
  w.patchU16(start + 2, w.length - start)
  w.pad(8, start)
}

/** Value and mask as a match holds them. */
function matchValue(spec: IndexedField, value: AnyValue, mask: AnyValue): Entry {
  if (typeof value === 'string' && typeof mask === 'string' && spec.kind !== 'mac')
    return joinAddress(spec, value, mask)
  return { value, mask }
}

/** Reads fields up to the end of the window: registers as `reg…`, no packet type where other fields say that it is Ethernet. */
export function decodeFields(r: Reader): Match {
  const entries: Entries = {}
  const unknown: Uint8Array[] = []
  let wide = false
  while (r.remaining > 0) {
    const at = r.offset
    const head = r.u32()
    const masked = (head & 0x100) !== 0
    const body = r.window(head & 0xff)
    const experimenter = head >>> 16 === 0xffff ? body.u32() : 0
    const spec = fieldByHeader(head, experimenter)
    if (spec === undefined) {
      unknown.push(Buffer.from(r.buffer.subarray(at, r.offset)))
      continue
    }
    const size = masked ? body.remaining >>> 1 : body.remaining
    const value = readValue(body, spec, size)
    if (entries[spec.field] !== undefined) throw new DecodeError(`${spec.text} occurs twice`, at)
    entries[spec.field] = masked ? matchValue(spec, value, readValue(body, spec, size)) : value
    if (body.remaining > 0) throw new DecodeError(`odd length of ${spec.text}`, at)
    if (spec.kind === 'bigint') wide = true
  }
  dropImpliedType(entries)
  if (wide) splitRegisters(entries)
  const match = entries as Match
  return unknown.length > 0 ? { ...match, unknown } : match
}

/**
 * Reads `struct ofp_match` with its padding. Fields that we do not know survive in `unknown`.
 * @throws DecodeError
 */
export function decodeMatch(r: Reader, _version: Version): Match {
  const start = r.offset
  const type = r.u16()
  const length = r.u16()
  if (type !== matchTypeOxm || length < 4)
    throw new DecodeError(`match of type ${type} and length ${length}`, start)
  const match = decodeFields(r.window(length - 4))
  r.align(8, start)
  return match
}
