import type { Atom, AtomKind, Column, Row, Value } from './column.js'
import { ProtocolError } from './errors.js'
import { isObject, type Json } from './json.js'
import { decodeValue, inColumn } from './notation.js'
import type { ColumnType } from './schema.js'
import { type Uuid, uuid, zeroUuid } from './uuid.js'

/** A declared column together with what the server's schema says of it: defaults and differences depend on that. */
export interface BoundColumn {
  readonly column: Column
  readonly type: ColumnType
}
export type BoundColumns = ReadonlyMap<string, BoundColumn>

/**
 * What an update notification says of one row. `put` carries every column that is not at its default, `modify` a
 * difference for every column that changed.
 */
export type RowUpdate =
  | { readonly kind: 'put' | 'modify'; readonly columns: Json }
  | { readonly kind: 'delete' }

/** The rows that <table-updates> (RFC 7047 §4.1.6) or <table-updates2> (ovsdb-server(7), "Monitor_Cond") speak of. */
export function* readUpdates(
  updates: Json,
  version: 'update' | 'update2',
): Generator<readonly [table: string, uuid: Uuid, update: RowUpdate]> {
  const read = version === 'update' ? readUpdate : readUpdate2
  for (const [table, rows] of Object.entries(object(updates))) {
    const rowsById = object(rows)
    for (const id of Object.keys(rowsById)) yield [table, uuid(id), read(object(rowsById[id] ?? null))]
  }
}

function readUpdate(update: { readonly [member: string]: Json }): RowUpdate {
  return update.new === undefined ? { kind: 'delete' } : { kind: 'put', columns: update.new }
}

function readUpdate2(update: { readonly [member: string]: Json }): RowUpdate {
  const columns = update.initial ?? update.insert
  if (columns !== undefined) return { kind: 'put', columns }
  if (update.modify !== undefined) return { kind: 'modify', columns: update.modify }
  if (update.delete !== undefined) return { kind: 'delete' }
  throw new ProtocolError('an update of a row is none of initial, insert, modify, delete')
}

/** A row that was put. */
export function contentOf(uuid: Uuid, bound: BoundColumns, json: Json): Row {
  const present = object(json)
  const row: { [column: string]: Value; _uuid: Uuid } = { _uuid: uuid }
  for (const [name, { column, type }] of bound) {
    const value = present[name]
    row[name] =
      value === undefined ? defaultValue(column, type) : inColumn(name, () => decodeValue(column, value))
  }
  return row
}

/** A row after a modification. */
export function modified(bound: BoundColumns, old: Row, json: Json): Row {
  const row: { [column: string]: Value; _uuid: Uuid } = { ...old }
  for (const [name, difference] of Object.entries(object(json))) {
    const target = bound.get(name)
    if (target) row[name] = inColumn(name, () => applyDifference(target, old[name], difference))
  }
  return row
}

/**
 * A column's value after a difference. Sets: what is in only one of both. Maps: a pair that is there already goes,
 * any other is put. A column that holds at most one element gets its new value as it is.
 */
export function applyDifference({ column, type }: BoundColumn, old: Value, difference: Json): Value {
  const value = decodeValue(column, difference)
  if (type.max <= 1) return value
  if (value instanceof Map && old instanceof Map) {
    const map = new Map<Atom, Atom>(old)
    for (const [key, atom] of value)
      if (!map.has(key) || map.get(key) !== atom) map.set(key, atom)
      else map.delete(key)
    return map
  }
  if (value instanceof Set && old instanceof Set) {
    const set = new Set<Atom>(old)
    for (const atom of value) if (!set.delete(atom)) set.add(atom)
    return set
  }
  throw new ProtocolError('a difference does not fit its column')
}

/** What a column holds that was never written (RFC 7047 §5.2.1). */
export function defaultValue(column: Column, type: ColumnType): Value {
  const empty = type.min === 0
  const atom = DEFAULTS[column.key]
  switch (column.shape) {
    case 'scalar':
      return atom
    case 'optional':
      return empty ? undefined : atom
    case 'set':
      return new Set(empty ? [] : [atom])
    case 'map':
      return new Map(empty ? [] : [[atom, DEFAULTS[column.value]]])
  }
}

/** Whether two values of one column are the same. */
export function sameValue(a: Value, b: Value): boolean {
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && Array.from(a).every(([key, value]) => b.has(key) && b.get(key) === value)
  }
  if (a instanceof Set && b instanceof Set)
    return a.size === b.size && Array.from(a).every((atom) => b.has(atom))
  return a === b
}

const DEFAULTS: { readonly [K in AtomKind]: Atom } = {
  string: '',
  integer: 0,
  bigint: 0n,
  real: 0,
  boolean: false,
  uuid: zeroUuid,
}

function object(json: Json): { readonly [member: string]: Json } {
  if (!isObject(json)) throw new ProtocolError('an update is not an object')
  return json
}
