import { type AddressRange, formatRange, parseAddress, rangeBetween } from '../address.js'
import { reading, Unreadable } from '../text/reading.js'

/** Addresses from one to another: `FIRST-LAST` or `[FIRST, LAST]`; in a list one for each IP version. Becomes a list. */
export const ranges = reading(
  { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2 }] },
  readRanges,
)

function readRanges(value: unknown): string[] | Unreadable {
  if (!Array.isArray(value)) {
    const range = readRange(value)
    return range instanceof Unreadable ? range : [formatRange(range)]
  }
  if (value.length === 2 && value.every((text) => typeof text === 'string' && parseAddress(text))) {
    const range = readRange(value.join('-'))
    return range instanceof Unreadable ? range : [formatRange(range)]
  }
  const found: AddressRange[] = []
  for (const [index, text] of value.entries()) {
    const range = readRange(text)
    if (range instanceof Unreadable) return new Unreadable(range.code, range.message, [index])
    if (found.some(({ family }) => family === range.family))
      return wrong('is a second range of its IP version', [index])
    found.push(range)
  }
  return found.length > 0 ? found.map(formatRange) : wrong('is an empty list: expected a range')
}

function readRange(value: unknown): AddressRange | Unreadable {
  const ends = typeof value === 'string' ? value.split('-').map((end) => parseAddress(end.trim())) : []
  const [first, last, ...more] = ends
  if (!first || !last || more.length > 0 || first.family !== last.family)
    return wrong('is not a range: expected FIRST-LAST such as 10.0.1.100-10.0.1.120')
  return rangeBetween(first, last) ?? wrong('ends below its first address')
}

function wrong(message: string, path: readonly PropertyKey[] = []): Unreadable {
  return new Unreadable('bad-range', message, path)
}
