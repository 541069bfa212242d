/** Forms that texts of actions have. */
import fc from 'fast-check'
import type { Text } from './values.js'

export const call = (name: string, inside: Text): Text => inside.map((text) => `${name}(${text})`)
export const colon = (name: string, value: Text): Text => value.map((text) => `${name}:${text}`)
export const constant = (...texts: readonly string[]): Text => fc.constantFrom(...texts)

/** Some of the properties, joined by commas; `first` is always there. */
export function properties(first: Text | undefined, others: readonly Text[]): Text {
  const some = fc.tuple(...others.map((text) => fc.option(text, { nil: '' })))
  return fc
    .tuple(first ?? fc.constant(''), some)
    .map(([head, tail]) => [head, ...tail].filter((text) => text !== '').join(','))
}

export const set = (name: string, value: Text): Text => value.map((text) => `set_field:${text}->${name}`)
export const equals = (name: string, value: Text): Text => value.map((text) => `${name}=${text}`)

/** Half of a register. */
export const bits16: Text = fc.nat({ max: 16 }).map((from) => `reg3[${from}..${from + 15}]`)
