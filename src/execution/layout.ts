import { type FieldName, fieldNames, fieldSpec } from '../openflow/fields.js'
import { widenPort } from '../openflow/ports.js'
import { ExecutionError } from './errors.js'

/** A field that is another in another form; a header keeps that other. */
export interface Alias {
  readonly of: FieldName
  from(value: bigint): bigint
  to(value: bigint): bigint
}

/** `NXM_OF_IN_PORT` has 16 bits, `NXM_OF_IP_TOS` the differentiated services where they are in the byte. */
export const aliases: ReadonlyMap<FieldName, Alias> = new Map<FieldName, Alias>([
  [
    'inPort16',
    { of: 'inPort', from: (port) => port & 0xffffn, to: (port) => BigInt(widenPort(Number(port))) },
  ],
  ['nwTos', { of: 'ipDscp', from: (dscp) => dscp << 2n, to: (tos) => tos >> 2n }],
])

/** Where a field's bits are among the 32-bit words of a header. */
export interface Place {
  /** The first of its words, the most significant one. */
  readonly word: number
  readonly words: number
  /** Its lowest bit in its last word. */
  readonly shift: number
  readonly bits: number
}

/** A field that is part of others, as Open vSwitch sees them (ovs-fields(7)): bits of a field that has words. */
type Part = readonly [of: FieldName, shift: number, bits: number, words?: number]

const parts: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['vlanVid', ['vlanTci', 0, 13]],
  ['vlanPcp', ['vlanTci', 13, 3]],
  ...Array.from({ length: 8 }, (_, i): [string, Part] => [`xreg${i}`, [register(2 * i), 0, 64, 2]]),
  ...Array.from({ length: 4 }, (_, i): [string, Part] => [`xxreg${i}`, [register(4 * i), 0, 128, 4]]),
])

function register(i: number): FieldName {
  const name = fieldNames.find((field) => field === `reg${i}`)
  if (name === undefined) throw new TypeError(`no register ${i}`)
  return name
}

function placeAll(): ReadonlyMap<FieldName, Place> {
  const places = new Map<FieldName, Place>()
  let word = 0
  const place = (field: FieldName): Place => {
    const known = places.get(field)
    if (known) return known
    const { bits, size } = fieldSpec(field)
    const words = Math.ceil(size / 4)
    const made = { word, words, shift: 0, bits }
    places.set(field, made)
    word += words
    return made
  }
  for (const field of fieldNames)
    if (!parts.has(field) && !aliases.has(field) && fieldSpec(field).kind !== 'bytes') place(field)
  for (const [name, [of, shift, bits, words = 1]] of parts) {
    const field = fieldNames.find((each) => each === name)
    if (field) places.set(field, { word: place(of).word, words, shift, bits })
  }
  return places
}

const places = placeAll()

/** Count of words of a header. */
export const headerWords = Math.max(...[...places.values()].map(({ word, words }) => word + words))

/** Fields that are not part of others. */
export const wholeFields: readonly FieldName[] = [...places.keys()].filter((field) => !parts.has(field))

/**
 * The place of a field.
 * @throws ExecutionError for tunnel options, whose size only a switch knows
 */
export function placeOf(field: FieldName): Place {
  const place = places.get(field)
  if (place === undefined) throw new ExecutionError('unsupported-field', `${field} cannot be executed`)
  return place
}
