import { type Cell, forget, type Reader } from './cell.js'
import type { Derivation } from './derivation.js'
import { removal } from './removal.js'
import type { Change } from './rows.js'

/** One derivation applied to one row; remembers what it read and which rows it made. */
export class Derived implements Reader {
  cells: readonly Cell[] = []
  rows: readonly string[] = []

  constructor(
    readonly deriver: Deriver,
    readonly id: string,
  ) {}
}

/** A derivation with the rows that it is applied to. */
export class Deriver {
  /** What is to run in this transaction: its own row has changed, or something that it read. */
  readonly due = new Set<Derived>()
  readonly #derived = new Map<string, Derived>()

  constructor(readonly derivation: Derivation) {}

  /** A row of the table that it begins with has changed. */
  follow(id: string): void {
    const derived = this.#derived.get(id) ?? new Derived(this, id)
    this.#derived.set(id, derived)
    this.due.add(derived)
  }

  /** Notes what was made of a row; answers it, and what is to go because it is not made any more. */
  *replace(derived: Derived, made: readonly Change[]): Generator<Change> {
    const before = derived.rows
    derived.rows = made.map(({ id }) => id)
    yield* made
    const kept = new Set(before.length > 0 ? derived.rows : [])
    for (const id of before) if (!kept.has(id)) yield removal({ table: this.derivation.into, id })
  }

  /** The row is gone, and what was made of it. */
  drop(derived: Derived): void {
    forget(derived)
    this.#derived.delete(derived.id)
  }
}
