import test from 'ava'
import { checkSchema, column, ProtocolError, SchemaError } from '../../src/ovsdb/index.js'
import type { Json } from '../../src/ovsdb/json.js'
import { parseSchema } from '../../src/ovsdb/schema.js'

const schema = parseSchema({
  name: 'db',
  version: '1.0.0',
  tables: {
    T: {
      columns: {
        name: { type: 'string' },
        tag: { type: { key: { type: 'integer', minInteger: 0 }, min: 0, max: 1 } },
        many: { type: { key: { type: 'uuid', refTable: 'T' }, min: 0, max: 'unlimited' } },
        map: { type: { key: 'string', value: 'integer', min: 0, max: 'unlimited' } },
      },
    },
    Other: { columns: {} },
  },
})

test('a declaration that is part of the schema, or wider, is accepted', (t) => {
  t.notThrows(() =>
    checkSchema(
      { T: { name: column.string, tag: column.optional('integer'), many: column.set('uuid') } },
      schema,
    ),
  )
  t.notThrows(() =>
    checkSchema(
      {
        T: {
          name: column.optional('string'),
          tag: column.set('bigint'),
          map: column.map('string', 'bigint'),
        },
      },
      schema,
    ),
  )
})

test('every problem is listed', (t) => {
  const error = t.throws(
    () =>
      checkSchema(
        {
          Absent: {},
          T: {
            absent: column.string,
            name: column.integer,
            tag: column.integer,
            many: column.optional('uuid'),
            map: column.map('string', 'string'),
          },
        },
        schema,
      ),
    { instanceOf: SchemaError, code: 'schema' },
  )
  t.deepEqual(error.problems, [
    'there is no table Absent',
    'there is no column T.absent',
    'T.name is declared integer but is string',
    'T.tag is declared integer but is optional integer',
    'T.many is declared optional uuid but is set uuid',
    'T.map is declared map of string to string but is map of string to integer',
  ])
})

test('a type that is none, even an integer of 64 bits, is a protocol error that shows it', (t) => {
  const withType = (type: Json) => ({
    name: 'db',
    version: '1.0.0',
    tables: { T: { columns: { c: { type } } } },
  })
  for (const type of [2n ** 60n, { key: 2n ** 60n }, { key: { type: 2n ** 60n } }] as const)
    t.throws(() => parseSchema(withType(type)), { instanceOf: ProtocolError, message: /1152921504606846976/ })
  for (const type of [null, { key: 'string', max: 2n ** 60n }, { key: 'string', value: null }, []] as const)
    t.throws(() => parseSchema(withType(type)), { instanceOf: ProtocolError })
})
