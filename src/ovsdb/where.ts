import type {
  AtomInputs,
  AtomKind,
  Column,
  Columns,
  Input,
  MapColumn,
  MapInput,
  OptionalColumn,
  ScalarColumn,
  SetColumn,
  SetInput,
} from './column.js'
import { ValueError } from './errors.js'
import type { Json } from './json.js'
import { encodeAtom, encodeSet, encodeValue, inColumn } from './notation.js'
import { NamedUuid, type Uuid } from './uuid.js'

type Numeric = 'integer' | 'bigint' | 'real'
type Equality = '==' | '!=' | 'includes' | 'excludes'
type Comparison<C extends Column> =
  C extends ScalarColumn<Numeric> ? Equality | '<' | '<=' | '>' | '>=' : Equality

/** One <condition>: column, function, value (RFC 7047 §5.1). */
export type Condition<C extends Columns = Columns> =
  | { [N in keyof C & string]: readonly [column: N, is: Comparison<C[N]>, value: Input<C[N]>] }[keyof C &
      string]
  | readonly [column: '_uuid', is: Equality, value: Uuid | NamedUuid]

/** Which rows: one by its uuid, or those that meet every condition; none means all rows. */
export type Where<C extends Columns = Columns> = Uuid | NamedUuid | readonly Condition<C>[]

type Arithmetic = '+=' | '-=' | '*=' | '/=' | '%='
type Members<K extends AtomKind> = AtomInputs[K] | SetInput<K>
type MutationOf<N, C extends Column> =
  | (C extends
      | ScalarColumn<infer K extends Numeric>
      | OptionalColumn<infer K extends Numeric>
      | SetColumn<infer K extends Numeric>
      ? readonly [column: N, mutator: Arithmetic, value: AtomInputs[K]]
      : never)
  | (C extends OptionalColumn<infer K> | SetColumn<infer K>
      ? readonly [column: N, mutator: 'insert' | 'delete', value: Members<K>]
      : never)
  | (C extends MapColumn<infer K, infer V>
      ?
          | readonly [column: N, mutator: 'insert', value: MapInput<K, V>]
          | readonly [column: N, mutator: 'delete', value: Members<K> | MapInput<K, V>]
      : never)

/**
 * One <mutation>: column, mutator, value (RFC 7047 §5.1). `insert` and `delete` take one atom or many; `delete` on a
 * map takes keys, or pairs that must match in both.
 */
export type Mutation<C extends Columns = Columns> = { [N in keyof C & string]: MutationOf<N, C[N]> }[keyof C &
  string]

const UUID: Column = { shape: 'scalar', key: 'uuid' }

/**
 * The wire form of a `where`.
 * @throws ValueError
 */
export function encodeWhere(columns: Columns, where: Uuid | NamedUuid | readonly Part[]): readonly Json[] {
  if (typeof where === 'string' || where instanceof NamedUuid)
    return [['_uuid', '==', encodeAtom('uuid', where)]]
  return where.map(([name, is, value]) => {
    const column = name === '_uuid' ? UUID : declared(columns, name)
    return [name, is, inColumn(name, () => encodeValue(column, value))]
  })
}

/**
 * The wire form of mutations.
 * @throws ValueError
 */
export function encodeMutations(columns: Columns, mutations: readonly Part[]): readonly Json[] {
  return mutations.map(([name, mutator, value]) => {
    const column = declared(columns, name)
    return [name, mutator, inColumn(name, () => encodeOperand(column, mutator, value))]
  })
}

/** The declaration of a column; an undeclared one is a ValueError. */
export function declared(columns: Columns, name: string): Column {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined
  if (!column) throw new ValueError(`column ${name} is not declared`)
  return column
}

type Part = readonly [column: string, verb: string, value: unknown]

function encodeOperand(column: Column, mutator: string, value: unknown): Json {
  if (mutator !== 'insert' && mutator !== 'delete')
    return encodeValue({ shape: 'scalar', key: column.key }, value)
  const many = Array.isArray(value) || value instanceof Set
  const one = typeof value !== 'object' || value instanceof NamedUuid
  if (column.shape === 'map' && !(mutator === 'delete' && (many || one))) return encodeValue(column, value)
  return encodeSet(column.key, one ? [value] : value)
}
