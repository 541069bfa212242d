import { type Cell, forget, type Reader } from './cell.js'
import { commonEnds } from './common-ends.js'
import type { Derivation } from './derivation.js'
import { removal } from './removal.js'
import type { Change } from './rows.js'

/** One derivation applied to one row; remembers what it read and what it made. */
export class Derived implements Reader {
  cells: readonly Cell[] = []
  made: readonly Change[] = []

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

  /** Notes what was made of a row; answers what of it is new, and what is to go because it is not made any more. */
  replace(derived: Derived, made: readonly Change[]): readonly Change[] {
    const before = derived.made
    derived.made = made
    if (before.length === 0) return made
    // Of thousands of rows a few change: what is the very same at both ends is left out of the comparison.
    const { head, tail } = commonEnds(before, made)
    const come = made.slice(head, made.length - tail)
    const kept = new Set(come.map(({ id }) => id))
    const gone = before.slice(head, before.length - tail).filter(({ id }) => !kept.has(id))
    return [...come, ...gone.map(({ id }) => removal({ table: this.derivation.into, id }))]
  }

  /** The row is gone, and what was made of it. */
  drop(derived: Derived): void {
    forget(derived)
    this.#derived.delete(derived.id)
  }
}
