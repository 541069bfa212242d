import fc from 'fast-check'
import { column, type RowInput, type Uuid, uuid } from '../../../src/ovsdb/index.js'

/** A table with every type in every shape, and random rows for it. */

const optional = (key: unknown) => ({ type: { key, min: 0, max: 1 } })
const set = (key: unknown) => ({ type: { key, min: 0, max: 'unlimited' } })
const map = (key: unknown, value: unknown) => ({ type: { key, value, min: 0, max: 'unlimited' } })
const colours = ['red', 'gréen', 'b"l\\ue']
const colour = { type: 'string', enum: ['set', colours] }

/** As a <database-schema> of RFC 7047 §3.2. */
export const schema = {
  name: 'every',
  version: '1.0.0',
  tables: {
    T: {
      isRoot: true,
      columns: {
        integer: { type: 'integer' },
        real: { type: 'real' },
        string: { type: 'string' },
        boolean: { type: 'boolean' },
        uuid: { type: 'uuid' },
        anInteger: optional('integer'),
        aReal: optional('real'),
        aString: optional('string'),
        aBoolean: optional('boolean'),
        aUuid: optional('uuid'),
        integers: set('integer'),
        reals: set('real'),
        strings: set('string'),
        uuids: set('uuid'),
        stringsToIntegers: map('string', 'integer'),
        integersToReals: map('integer', 'real'),
        uuidsToStrings: map('uuid', 'string'),
        stringsToBooleans: map('string', 'boolean'),
        colour: { type: { key: colour } },
        colours: set(colour),
        percent: { type: { key: { type: 'integer', minInteger: 0, maxInteger: 100 } } },
        ref: optional({ type: 'uuid', refTable: 'T', refType: 'strong' }),
      },
    },
  },
}

export const tables = {
  T: {
    integer: column.bigint,
    real: column.real,
    string: column.string,
    boolean: column.boolean,
    uuid: column.uuid,
    anInteger: column.optional('bigint'),
    aReal: column.optional('real'),
    aString: column.optional('string'),
    aBoolean: column.optional('boolean'),
    aUuid: column.optional('uuid'),
    integers: column.set('bigint'),
    reals: column.set('real'),
    strings: column.set('string'),
    uuids: column.set('uuid'),
    stringsToIntegers: column.map('string', 'bigint'),
    integersToReals: column.map('bigint', 'real'),
    uuidsToStrings: column.map('uuid', 'string'),
    stringsToBooleans: column.map('string', 'boolean'),
    colour: column.string,
    colours: column.set('string'),
    percent: column.integer,
  },
} as const

const edges = [
  0n,
  1n,
  -1n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  10n ** 15n,
  10n ** 16n,
]
const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(...edges, 2n ** 63n - 1n, -(2n ** 63n)),
)
// ovsdb-server tells a real with 15 digits.
const real = fc
  .tuple(
    fc.integer({ min: -99999, max: 99999 }),
    fc.integer({ min: 0, max: 999_999_999 }),
    fc.integer({ min: -300, max: 290 }),
  )
  .map(([head, tail, exponent]) => Number(`${head}.${tail}e${exponent}`) || 0)
const awkward = [
  '"',
  '\\',
  '/',
  '\b',
  '\f',
  '\n',
  '\r',
  '\t',
  '\u0001',
  '\u001f',
  '\u007f',
  '\u2028',
  '\ufeff',
  'é',
  '\u{1f600}',
  '\u{10ffff}',
  '{',
  '12345678901234567890',
  ':',
  '\\u0000',
]
const string = fc.oneof(
  fc.string({ unit: fc.constantFrom(...awkward), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\u0000', '')),
)
const anyUuid = fc.uuid().map((text): Uuid => uuid(text))
const aColour = fc.constantFrom(...colours)
const option = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const list = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { maxLength: 5 })
const pairs = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>) =>
  fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([of]) => of })
    .map((entries) => new Map(entries))

/** Every column of a row. */
export const row: fc.Arbitrary<Required<RowInput<typeof tables.T>>> = fc.record({
  integer,
  real,
  string,
  boolean: fc.boolean(),
  uuid: anyUuid,
  anInteger: option(integer),
  aReal: option(real),
  aString: option(string),
  aBoolean: option(fc.boolean()),
  aUuid: option(anyUuid),
  integers: list(integer),
  reals: list(real),
  strings: list(string),
  uuids: list(anyUuid),
  stringsToIntegers: pairs(string, integer),
  integersToReals: pairs(integer, real),
  uuidsToStrings: pairs(anyUuid, string),
  stringsToBooleans: pairs(string, fc.boolean()),
  colour: aColour,
  colours: list(aColour),
  percent: fc.integer({ min: 0, max: 100 }),
})
