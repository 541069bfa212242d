import { toInteger } from '../openflow/actions/bits.js'
import { canonicalEntries } from '../openflow/canonical.js'
import { isMasked } from '../openflow/entry.js'
import { type FieldName, fieldSpec, findField } from '../openflow/fields.js'
import type { Match } from '../openflow/flow.js'
import { splitAddress } from '../openflow/value.js'
import { ExecutionError } from './errors.js'
import { placeOf } from './layout.js'

/** What a match asks of a header's words: `words[at[i]] & masks[i] === values[i]`, places rising. */
export interface MatchBits {
  readonly at: readonly number[]
  readonly masks: readonly number[]
  readonly values: readonly number[]
}

/**
 * A match in bits.
 * @throws ExecutionError for a match on a field that cannot be executed
 */
export function matchBits(match: Match): MatchBits {
  if (match.unknown !== undefined && match.unknown.length > 0)
    throw new ExecutionError('unsupported-field', 'a match on a field that nobody knows')
  const found = new Map<number, { mask: number; value: number }>()
  const entries = canonicalEntries(match)
  for (const name in entries) {
    const spec = findField(name)
    const given = spec && entries[spec.field]
    if (spec === undefined || given === undefined) continue
    const entry = typeof given === 'string' ? splitAddress(spec, given) : given
    const value = toInteger(spec, isMasked(entry) ? entry.value : entry)
    add(found, spec.field, value, isMasked(entry) ? toInteger(spec, entry.mask) : undefined)
  }
  const at = [...found.keys()].sort((a, b) => a - b)
  return {
    at,
    masks: at.map((word) => found.get(word)?.mask ?? 0),
    values: at.map((word) => found.get(word)?.value ?? 0),
  }
}

function add(
  found: Map<number, { mask: number; value: number }>,
  field: FieldName,
  value: bigint,
  given: bigint | undefined,
): void {
  const { word, words, shift, bits } = placeOf(field)
  const ones = (1n << BigInt(Math.max(bits, fieldSpec(field).bits))) - 1n
  let mask = ((given ?? ones) & ones) << BigInt(shift)
  let rest = (value << BigInt(shift)) & mask
  for (let i = word + words - 1; i >= word; i--) {
    const bitsHere = Number(mask & 0xffffffffn)
    if (bitsHere !== 0) {
      const before = found.get(i) ?? { mask: 0, value: 0 }
      found.set(i, {
        mask: (before.mask | bitsHere) >>> 0,
        value: (before.value | Number(rest & 0xffffffffn)) >>> 0,
      })
    }
    mask >>= 32n
    rest >>= 32n
  }
}
