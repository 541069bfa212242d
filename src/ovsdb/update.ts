import type { Atom, AtomKind, Column, Value } from './column.js'
import { ProtocolError } from './errors.js'
import { isObject, type Json } from './json.js'
import { decodeColumns, decodeValue } from './notation.js'
import type { ColumnType } from './schema.js'
import { type Uuid, uuid, zeroUuid } from './uuid.js'

/** A declared column together with what the server's schema says of it: defaults and differences depend on that. */
export interface BoundColumn {
  readonly column: Column
  readonly type: ColumnType
}
export type BoundColumns = ReadonlyMap<string, BoundColumn>

/** A row's columns without its uuid. */
export type Content = { readonly [column: string]: Value }

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
  for (const [table, rows] of Object.entries(object(updates))) {
    for (const [id, update] of Object.entries(object(rows))) {
      yield [table, uuid(id), version === 'update' ? readUpdate(object(update)) : readUpdate2(object(update))]
    }
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

/** The content of a row that was put. */
export function contentOf(bound: BoundColumns, json: Json): Content {
  const present = decodeColumns(columnsOf(bound), json)
  return Object.fromEntries(
    Array.from(bound, ([name, { column, type }]) => [
      name,
      name in present ? present[name] : defaultValue(column, type),
    ]),
  )
}

/** The content of a row after a modification. */
export function modified(bound: BoundColumns, old: Content, json: Json): Content {
  const content: { [column: string]: Value } = { ...old }
  for (const [name, difference] of Object.entries(object(json))) {
    const target = bound.get(name)
    if (target) content[name] = applyDifference(target, old[name], difference)
  }
  return content
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

function columnsOf(bound: BoundColumns): { [name: string]: Column } {
  return Object.fromEntries(Array.from(bound, ([name, { column }]) => [name, column]))
}

function object(json: Json): { readonly [member: string]: Json } {
  if (!isObject(json)) throw new ProtocolError('an update is not an object')
  return json
}
