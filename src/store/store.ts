/**
 * What must survive a restart: tables of text by key. Every access goes through this interface, so that several
 * controllers can share a database behind it.
 */

/** One value put, or deleted where `value` is undefined. */
export interface Write {
  readonly table: string
  readonly key: string
  readonly value: string | undefined
}

export interface Store {
  /** The rows of a table, oldest write first; empty where nothing was ever written. */
  table(name: string): ReadonlyMap<string, string>
  /**
   * Makes all writes or none. When it returns, they survive the end of this process.
   * @throws StoreError where they could not be written; nothing has then changed
   */
  commit(writes: readonly Write[]): void
}

/** State that cannot be read or written. */
export class StoreError extends Error {
  override readonly name = 'StoreError'

  constructor(
    readonly code: 'unreadable' | 'corrupt' | 'unwritable' | 'closed' | 'locked',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Tables in memory. */
export class MemoryStore implements Store {
  readonly #tables = new Map<string, Map<string, string>>()

  table(name: string): ReadonlyMap<string, string> {
    return this.#tables.get(name) ?? new Map()
  }

  commit(writes: readonly Write[]): void {
    for (const { table, key, value } of writes) {
      const rows = this.#tables.get(table) ?? new Map<string, string>()
      this.#tables.set(table, rows)
      rows.delete(key)
      if (value !== undefined) rows.set(key, value)
    }
  }

  /** Every row of every table, as the writes that make it. */
  *rows(): Generator<Write> {
    for (const [table, rows] of this.#tables) {
      for (const [key, value] of rows) yield { table, key, value }
    }
  }
}
