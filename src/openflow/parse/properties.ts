/** Lists of properties in parentheses. */
import { fail, type Item, item, type Piece, parseDecimal, parseNumber, split } from './piece.js'

/** The properties of a call, by name; words alone have an empty value. */
export function properties({ value }: Item, known: readonly string[]): ReadonlyMap<string, Item> {
  const found = new Map<string, Item>()
  for (const part of split(value, ',').map(item)) {
    if (!known.includes(part.key.text)) fail('syntax', part.key, 'is unknown here')
    found.set(part.key.text, part)
  }
  return found
}

export function numberOf(found: ReadonlyMap<string, Item>, name: string, bits: number): number | undefined {
  const part = found.get(name)
  return part && parseNumber(part.value, bits)
}

/** The same in decimal digits, where Open vSwitch reads no others. */
export function decimalOf(found: ReadonlyMap<string, Item>, name: string, bits: number): number | undefined {
  const part = found.get(name)
  return part && parseDecimal(part.value, bits)
}

export function need(part: Item, found: ReadonlyMap<string, Item>, name: string, bits: number): number {
  return numberOf(found, name, bits) ?? fail('missing', part.whole, `needs ${name}`)
}

/** An object with the property, or without it. */
export function optional<K extends string, const V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}

export function choice<T extends string>(piece: Piece | undefined, choices: readonly T[], whole: Piece): T {
  if (piece === undefined) fail('missing', whole, 'is too short')
  return (
    choices.find((name) => name === piece.text) ??
    fail('bad-value', piece, `is none of ${choices.join(', ')}`)
  )
}

export function nth(parts: readonly Piece[], n: number, whole: Piece): Piece {
  return parts[n] ?? fail('missing', whole, 'is too short')
}
