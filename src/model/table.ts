import { Bucket } from './bucket.js'
import { Cell } from './cell.js'
import { Cells } from './cells.js'
import type { IndexDefinition } from './index-definitions.js'
import type { TableName, Tables } from './rows.js'
import { same } from './same.js'

/** A row, or the place where one could be: readers of an absent row are told when it comes. */
export class RowCell<R> extends Cell {
  row: R | undefined

  get idle(): boolean {
    return this.row === undefined && this.readers.size === 0
  }
}

/** The buckets of one index over one table. */
export class Index<T extends TableName> {
  readonly buckets = new Cells(() => new Bucket<Tables[T] | string>())
  /** Keys that have several values. */
  readonly crowded = new Set<string>()

  constructor(readonly definition: IndexDefinition<T>) {}

  /** What a key has. Nothing is remembered of a key that has none: anybody may ask for any. */
  values(key: string): readonly (Tables[T] | string)[] {
    return this.buckets.get(key)?.values ?? []
  }

  /** Replaces `before` by `after` and passes on every bucket in which a reader could see it. */
  replace(before: Tables[T] | undefined, after: Tables[T] | undefined, changed: (cell: Cell) => void): void {
    // A projection that stays the same is not to be taken out and put in again: its count never touches zero.
    if (this.definition.value) {
      if (after) this.#add(after, changed)
      if (before) this.#remove(before, changed)
    } else {
      if (before) this.#remove(before, changed)
      if (after) this.#add(after, changed)
    }
  }

  #add(row: Tables[T], changed: (cell: Cell) => void): void {
    const keys = this.definition.keys(row)
    const value = keys.length > 0 ? this.definition.value?.(row) : undefined
    for (const key of keys) {
      const bucket = this.buckets.at(key)
      if (!bucket.add(value ?? row.id, value ?? row)) continue
      changed(bucket)
      if (bucket.size > 1) this.crowded.add(key)
    }
  }

  #remove(row: Tables[T], changed: (cell: Cell) => void): void {
    const keys = this.definition.keys(row)
    const value = keys.length > 0 ? this.definition.value?.(row) : undefined
    for (const key of keys) {
      const bucket = this.buckets.at(key)
      if (!bucket.remove(value ?? row.id)) continue
      changed(bucket)
      if (bucket.size < 2) this.crowded.delete(key)
      this.buckets.dropIdle(key)
    }
  }
}

/** The rows of one table by id, with its indexes kept in step. */
export class Table<T extends TableName> {
  readonly cells = new Cells(() => new RowCell<Tables[T]>())
  readonly indexes: Index<T>[] = []

  get(id: string): Tables[T] | undefined {
    return this.cells.get(id)?.row
  }

  *rows(): Generator<Tables[T]> {
    for (const { row } of this.cells.values()) if (row) yield row
  }

  /** Forgets now and then what nobody asks about any more; not while a reader runs. */
  sweep(): void {
    this.cells.sweep()
    for (const { buckets } of this.indexes) buckets.sweep()
  }

  /** Puts or (with undefined) deletes a row; returns whether that changed anything. */
  set(id: string, row: Tables[T] | undefined, changed: (cell: Cell) => void): boolean {
    const cell = this.cells.at(id)
    const before = cell.row
    const isChange = !same(before, row)
    if (isChange) {
      cell.row = row
      changed(cell)
      for (const index of this.indexes) index.replace(before, row, changed)
    }
    this.cells.dropIdle(id)
    return isChange
  }
}
