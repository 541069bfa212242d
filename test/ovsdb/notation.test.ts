import test from 'ava'
import fc from 'fast-check'
import { NamedUuid, ProtocolError, uuid, ValueError } from '../../src/ovsdb/index.js'
import { decodeRow, decodeValue, encodeValue } from '../../src/ovsdb/notation.js'

const id = uuid('550e8400-e29b-41d4-a716-446655440000')

test('every shape of column is read', (t) => {
  t.is(decodeValue({ shape: 'scalar', key: 'string' }, 'x'), 'x')
  t.is(decodeValue({ shape: 'scalar', key: 'bigint' }, 5), 5n)
  t.is(decodeValue({ shape: 'scalar', key: 'uuid' }, ['uuid', id]), id)
  t.is(decodeValue({ shape: 'optional', key: 'integer' }, ['set', []]), undefined)
  t.is(decodeValue({ shape: 'optional', key: 'integer' }, ['set', [7]]), 7)
  t.is(decodeValue({ shape: 'optional', key: 'integer' }, 7), 7)
  t.deepEqual(decodeValue({ shape: 'set', key: 'uuid' }, ['uuid', id]), new Set([id]))
  t.deepEqual(decodeValue({ shape: 'set', key: 'string' }, ['set', ['a', 'b']]), new Set(['a', 'b']))
  t.deepEqual(
    decodeValue({ shape: 'map', key: 'integer', value: 'uuid' }, ['map', [[1, ['uuid', id]]]]),
    new Map([[1, id]]),
  )
})

test('every shape of column is written', (t) => {
  t.is(encodeValue({ shape: 'scalar', key: 'bigint' }, 5n), 5n)
  t.deepEqual(encodeValue({ shape: 'optional', key: 'string' }, undefined), ['set', []])
  t.deepEqual(encodeValue({ shape: 'set', key: 'uuid' }, [id, new NamedUuid('row0', 0)]), [
    'set',
    [
      ['uuid', id],
      ['named-uuid', 'row0'],
    ],
  ])
  t.deepEqual(encodeValue({ shape: 'map', key: 'string', value: 'integer' }, { a: 1 }), ['map', [['a', 1]]])
  t.deepEqual(encodeValue({ shape: 'map', key: 'integer', value: 'string' }, new Map([[1, 'a']])), [
    'map',
    [[1, 'a']],
  ])
})

test('what is written is read back', (t) => {
  const map = fc.array(fc.tuple(fc.maxSafeInteger(), fc.string())).map((pairs) => new Map(pairs))
  const set = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((atoms) => new Set(atoms))
  fc.assert(
    fc.property(map, set, (pairs, atoms) => {
      const mapColumn = { shape: 'map', key: 'integer', value: 'string' } as const
      const setColumn = { shape: 'set', key: 'bigint' } as const
      t.deepEqual(decodeValue(mapColumn, encodeValue(mapColumn, pairs)), pairs)
      t.deepEqual(decodeValue(setColumn, encodeValue(setColumn, atoms)), atoms)
    }),
  )
})

test('an integer that a number cannot hold is an error, never another integer', (t) => {
  t.throws(() => decodeValue({ shape: 'scalar', key: 'integer' }, 9007199254740993n), {
    instanceOf: ValueError,
  })
  t.throws(() => encodeValue({ shape: 'scalar', key: 'integer' }, 2 ** 53), { instanceOf: ValueError })
  t.throws(() => encodeValue({ shape: 'scalar', key: 'bigint' }, 2n ** 63n), { instanceOf: ValueError })
})

test('values of another type are refused both ways', (t) => {
  const set = { shape: 'set', key: 'string' } as const
  t.throws(() => decodeValue(set, ['set', [1]]), { instanceOf: ProtocolError })
  t.throws(() => decodeValue({ shape: 'map', key: 'string', value: 'string' }, ['set', []]), {
    instanceOf: ProtocolError,
  })
  t.throws(() => decodeValue({ shape: 'optional', key: 'string' }, ['set', ['a', 'b']]), {
    instanceOf: ProtocolError,
  })
  t.throws(() => encodeValue(set, 'abc'), { instanceOf: ValueError })
  for (const shape of ['scalar', 'set', 'optional'] as const)
    t.throws(() => encodeValue({ shape, key: 'string' }, Object.create(null)), { instanceOf: ValueError })
  t.throws(() => encodeValue({ shape: 'scalar', key: 'uuid' }, 'abc'), { instanceOf: ValueError })
})

test('a row must have every declared column; others are ignored; errors name the column', (t) => {
  const columns = { name: { shape: 'scalar', key: 'string' } } as const
  t.deepEqual(decodeRow(columns, { _uuid: ['uuid', id], name: 'x', constructor: 1 }), {
    _uuid: id,
    name: 'x',
  })
  t.throws(() => decodeRow(columns, { _uuid: ['uuid', id] }), { instanceOf: ProtocolError, message: /name/ })
  t.throws(() => decodeRow(columns, { _uuid: ['uuid', id], name: 1 }), {
    instanceOf: ProtocolError,
    message: /column name/,
  })
})
