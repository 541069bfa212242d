import { ProtocolError } from './errors.js'
import { isArray, isObject, type Json } from './json.js'
import { showJson } from './json-value.js'

/** Types of atoms that a schema knows (RFC 7047 §3.2, <atomic-type>). */
export type AtomicType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid'

/** The type of a column (RFC 7047 §3.2, <type>); constraints on values are the server's business. */
export interface ColumnType {
  readonly key: AtomicType
  /** Present for a map. */
  readonly value: AtomicType | undefined
  readonly min: number
  /** Infinity for "unlimited". */
  readonly max: number
}

/** A database as `get_schema` describes it: column types by table and column. */
export interface DatabaseSchema {
  readonly name: string
  readonly version: string
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, ColumnType>>
}

/**
 * Reads a <database-schema> (RFC 7047 §3.2).
 * @throws ProtocolError
 */
export function parseSchema(json: Json): DatabaseSchema {
  const database = object(json, 'a schema')
  const { name, version } = database
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw new ProtocolError('a schema lacks its name or version')
  }
  const tables = Object.entries(object(database.tables, 'tables')).map(([table, schema]) => {
    const columns = Object.entries(object(object(schema, table).columns, `columns of ${table}`))
    return [
      table,
      new Map(columns.map(([column, json]) => [column, parseType(object(json, column).type)])),
    ] as const
  })
  return { name, version, tables: new Map(tables) }
}

function parseType(json: Json | undefined): ColumnType {
  if (!isObject(json)) return { key: parseBaseType(json), value: undefined, min: 1, max: 1 }
  const { key, value, min = 1, max = 1 } = json
  const limit = max === 'unlimited' ? Number.POSITIVE_INFINITY : max
  if (typeof min !== 'number' || typeof limit !== 'number') throw new ProtocolError('a type has odd bounds')
  return {
    key: parseBaseType(key),
    value: value === undefined ? undefined : parseBaseType(value),
    min,
    max: limit,
  }
}

function parseBaseType(json: Json | undefined): AtomicType {
  const type = isObject(json) ? json.type : json
  switch (type) {
    case 'integer':
    case 'real':
    case 'boolean':
    case 'string':
    case 'uuid':
      return type
  }
  throw new ProtocolError(`unknown atomic type ${showJson(type ?? null)}`)
}

function object(json: Json | undefined, what: string): { readonly [member: string]: Json } {
  if (!isObject(json) || isArray(json)) throw new ProtocolError(`${what}: expected an object`)
  return json
}
