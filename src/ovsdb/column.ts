import type { NamedUuid, Uuid } from './uuid.js'

/** What one atom of each declared type is in JavaScript (RFC 7047 §3.1, <base-type>). */
export interface Atoms {
  string: string
  /** A 64-bit integer of which only the safe range is expected; another one is a ValueError. */
  integer: number
  /** A 64-bit integer in full. */
  bigint: bigint
  real: number
  boolean: boolean
  uuid: Uuid
}
/** The names of the types that an atom can be declared as. */
export type AtomKind = keyof Atoms
/** One value as it is read. */
export type Atom = Atoms[AtomKind]

/** What may be written: a row inserted by the same transaction stands for its uuid. */
export interface AtomInputs extends Omit<Atoms, 'uuid'> {
  uuid: Uuid | NamedUuid
}
/** One value as it is written. */
export type AtomInput = AtomInputs[AtomKind]

/** Exactly one atom. */
export interface ScalarColumn<K extends AtomKind = AtomKind> {
  readonly shape: 'scalar'
  readonly key: K
}
/** An atom or nothing. */
export interface OptionalColumn<K extends AtomKind = AtomKind> {
  readonly shape: 'optional'
  readonly key: K
}
/** Any number of different atoms. */
export interface SetColumn<K extends AtomKind = AtomKind> {
  readonly shape: 'set'
  readonly key: K
}
/** Atoms by atom. */
export interface MapColumn<K extends AtomKind = AtomKind, V extends AtomKind = AtomKind> {
  readonly shape: 'map'
  readonly key: K
  readonly value: V
}
/** The declaration of a column, as `column` makes it. */
export type Column = ScalarColumn | OptionalColumn | SetColumn | MapColumn

/** The columns of one table that a program uses. */
export type Columns = { readonly [name: string]: Column }
/** The tables of one database that a program uses. */
export type Tables = { readonly [name: string]: Columns }

/** What a column holds when read. */
export type Value<C extends Column = Column> =
  C extends ScalarColumn<infer K>
    ? Atoms[K]
    : C extends OptionalColumn<infer K>
      ? Atoms[K] | undefined
      : C extends SetColumn<infer K>
        ? ReadonlySet<Atoms[K]>
        : C extends MapColumn<infer K, infer V>
          ? ReadonlyMap<Atoms[K], Atoms[V]>
          : never

/** What a column takes when written. */
export type Input<C extends Column = Column> =
  C extends ScalarColumn<infer K>
    ? AtomInputs[K]
    : C extends OptionalColumn<infer K>
      ? AtomInputs[K] | undefined
      : C extends SetColumn<infer K>
        ? SetInput<K>
        : C extends MapColumn<infer K, infer V>
          ? MapInput<K, V>
          : never

/** What a column with a set takes. */
export type SetInput<K extends AtomKind> = readonly AtomInputs[K][] | ReadonlySet<AtomInputs[K]>
/** What a column with a map takes: a record will do where keys are strings. */
export type MapInput<K extends AtomKind, V extends AtomKind> =
  | ReadonlyMap<AtomInputs[K], AtomInputs[V]>
  | (K extends 'string' ? { readonly [key: string]: AtomInputs[V] } : never)

/** A row as read: its uuid and the declared columns. */
export type Row<C extends Columns = Columns> = { readonly [N in keyof C]: Value<C[N]> } & {
  readonly _uuid: Uuid
}
/** The columns of a row to be written; those left out keep their value, or get the schema's default. */
export type RowInput<C extends Columns = Columns> = { readonly [N in keyof C]?: Input<C[N]> }

const scalar = <K extends AtomKind>(key: K): ScalarColumn<K> => ({ shape: 'scalar', key })

/** Declarations of columns: `{ name: column.string, ports: column.set('uuid'), external_ids: column.map('string', 'string') }`. */
export const column = {
  string: scalar('string'),
  integer: scalar('integer'),
  bigint: scalar('bigint'),
  real: scalar('real'),
  boolean: scalar('boolean'),
  uuid: scalar('uuid'),
  optional: <K extends AtomKind>(key: K): OptionalColumn<K> => ({ shape: 'optional', key }),
  set: <K extends AtomKind>(key: K): SetColumn<K> => ({ shape: 'set', key }),
  map: <K extends AtomKind, V extends AtomKind>(key: K, value: V): MapColumn<K, V> => ({
    shape: 'map',
    key,
    value,
  }),
} as const
