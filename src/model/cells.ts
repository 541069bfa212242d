import type { Cell } from './cell.js'

/** Places that are looked into before there are twice as many as the last time, and so many more. */
const slack = 1000

/** Cells by key: each is there from when somebody asks for it until there is nothing in it and nobody reads it. */
export class Cells<C extends Cell & { readonly idle: boolean }> {
  readonly #cells = new Map<string, C>()
  /** When as many cells as this are there, some may be idle that nobody has dropped: their last reader left them behind. */
  #many = slack

  constructor(readonly make: () => C) {}

  /** The cell of a key, made where there is none. */
  at(key: string): C {
    let cell = this.#cells.get(key)
    if (!cell) {
      cell = this.make()
      this.#cells.set(key, cell)
    }
    return cell
  }

  get(key: string): C | undefined {
    return this.#cells.get(key)
  }

  values(): Iterable<C> {
    return this.#cells.values()
  }

  /** Count of cells. */
  get size(): number {
    return this.#cells.size
  }

  /** Drops the cell of a key if it is idle. */
  dropIdle(key: string): void {
    if (this.#cells.get(key)?.idle) this.#cells.delete(key)
  }

  /** Drops all that are idle, now and then. Not while a reader runs, which becomes one of what it reads at its end only. */
  sweep(): void {
    if (this.#cells.size < this.#many) return
    for (const [key, cell] of this.#cells) if (cell.idle) this.#cells.delete(key)
    this.#many = 2 * this.#cells.size + slack
  }
}
