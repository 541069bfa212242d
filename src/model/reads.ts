import type { IndexName, IndexValue } from './index-definitions.js'
import type { TableName, Tables } from './rows.js'

/** What a pure function over the model may do: read. Each read is noted, and a change of it runs the function again. */
export interface Reads {
  /** The row with this id, if there is one. */
  get<T extends TableName>(table: T, id: string): Tables[T] | undefined
  /** The bucket of an index, in the order of ids; empty where nothing has this key. */
  by<I extends IndexName>(index: I, key: string): readonly IndexValue<I>[]
}
