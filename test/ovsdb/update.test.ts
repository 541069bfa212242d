import test from 'ava'
import { column, zeroUuid } from '../../src/ovsdb/index.js'
import type { ColumnType } from '../../src/ovsdb/schema.js'
import { applyDifference, defaultValue } from '../../src/ovsdb/update.js'

const type = (key: ColumnType['key'], min: number, max: number, value?: ColumnType['value']): ColumnType => ({
  key,
  value,
  min,
  max,
})
const many = Number.POSITIVE_INFINITY

test('a difference of sets takes out what is there and puts in what is not', (t) => {
  const bound = { column: column.set('integer'), type: type('integer', 0, many) }
  t.deepEqual(applyDifference(bound, new Set([1, 2, 3]), ['set', [2, 4]]), new Set([1, 3, 4]))
  t.deepEqual(applyDifference(bound, new Set([1]), 1), new Set())
})

test('a difference of maps removes equal pairs, changes and adds others', (t) => {
  const bound = { column: column.map('string', 'string'), type: type('string', 0, many, 'string') }
  const old = new Map([
    ['same', '1'],
    ['gone', '2'],
    ['changed', '3'],
  ])
  t.deepEqual(
    applyDifference(bound, old, [
      'map',
      [
        ['gone', '2'],
        ['changed', '4'],
        ['added', '5'],
      ],
    ]),
    new Map([
      ['same', '1'],
      ['changed', '4'],
      ['added', '5'],
    ]),
  )
  t.is(old.size, 3)
})

test('a column of at most one element gets its new value, also when it is declared a set', (t) => {
  const optional = type('integer', 0, 1)
  t.is(applyDifference({ column: column.optional('integer'), type: optional }, 1, 2), 2)
  t.is(applyDifference({ column: column.optional('integer'), type: optional }, 1, ['set', []]), undefined)
  t.deepEqual(
    applyDifference({ column: column.set('integer'), type: optional }, new Set([1]), 2),
    new Set([2]),
  )
})

test('defaults follow the schema, in the shape that is declared', (t) => {
  t.is(defaultValue(column.string, type('string', 1, 1)), '')
  t.is(defaultValue(column.uuid, type('uuid', 1, 1)), zeroUuid)
  t.is(defaultValue(column.bigint, type('integer', 1, 1)), 0n)
  t.is(defaultValue(column.optional('boolean'), type('boolean', 0, 1)), undefined)
  t.is(defaultValue(column.optional('boolean'), type('boolean', 1, 1)), false)
  t.deepEqual(defaultValue(column.set('integer'), type('integer', 1, 3)), new Set([0]))
  t.deepEqual(defaultValue(column.map('string', 'string'), type('string', 0, many, 'string')), new Map())
})
