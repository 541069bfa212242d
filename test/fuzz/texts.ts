import type { Columns } from '../../src/ovsdb/column.js'
import { ProtocolError, SchemaError, ValueError } from '../../src/ovsdb/errors.js'
import { isObject } from '../../src/ovsdb/json.js'
import { JsonReader } from '../../src/ovsdb/json-reader.js'
import { decodeColumns } from '../../src/ovsdb/notation.js'
import { parseSchema } from '../../src/ovsdb/schema.js'
import { mutate, type Random } from './mutate.js'

const uuid = '550e8400-e29b-41d4-a716-446655440000'
const row = {
  name: 'tap0',
  ofport: 5,
  up: true,
  load: 1.5,
  id: ['uuid', uuid],
  tags: ['set', [1, 2, 1234567890123456]],
  external_ids: ['map', [['iface-id', 'a "quoted" \\ \u00e9 \ud83d\ude00']]],
}
const columns = {
  name: { type: 'string' },
  ofport: { type: { key: 'integer', min: 0, max: 1 } },
  up: { type: 'boolean' },
  load: { type: 'real' },
  id: { type: 'uuid' },
  tags: { type: { key: 'integer', min: 0, max: 'unlimited' } },
  external_ids: { type: { key: 'string', value: 'string', min: 0, max: 'unlimited' } },
}

export const textSamples: readonly Buffer[] = [
  { id: 1, error: null, result: { Interface: { [uuid]: { initial: row } } } },
  { id: null, method: 'update2', params: ['monitor', { Interface: { [uuid]: { modify: row } } }] },
  { id: 'echo', method: 'echo', params: [] },
  { id: 7, result: [{ count: 1 }, { rows: [row, row] }, { uuid: ['uuid', uuid] }], error: null },
  { id: 8, result: null, error: { error: 'constraint violation', details: '-9223372036854775808' } },
  { id: 9, error: null, result: { name: 'Test', version: '1.0.0', tables: { Interface: { columns } } } },
  row,
].map((json) => Buffer.from(JSON.stringify(json).replace('1234567890123456', '9223372036854775807')))

const declared: Columns = {
  name: { shape: 'scalar', key: 'string' },
  ofport: { shape: 'optional', key: 'integer' },
  up: { shape: 'scalar', key: 'boolean' },
  load: { shape: 'scalar', key: 'real' },
  id: { shape: 'scalar', key: 'uuid' },
  tags: { shape: 'set', key: 'bigint' },
  external_ids: { shape: 'map', key: 'string', value: 'string' },
}

function attempt(run: () => void): boolean {
  try {
    run()
    return true
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SchemaError || error instanceof ValueError)
      return false
    throw error
  }
}

/** One to three damaged texts in chunks of any size: each is split, parsed and read, or is an error of the library. */
export function tryText(random: Random): 'decoded' | 'refused' {
  const reader = new JsonReader(1 << 16)
  const bytes = Buffer.concat(Array.from({ length: 1 + random(3) }, () => mutate(textSamples, random)))
  let decoded = false
  attempt(() => {
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random(300)
      for (const json of reader.push(bytes.subarray(at, at + size))) {
        decoded = true
        attempt(() => decodeColumns(declared, json))
        if (isObject(json)) attempt(() => parseSchema(json.result ?? null))
      }
      at += size
    }
  })
  return decoded ? 'decoded' : 'refused'
}
