import { Cell } from './cell.js'

interface Entry<V> {
  readonly value: V
  count: number
}

/** The values below one key of an index, in the order of their ids, each once however many rows give it. */
export class Bucket<V> extends Cell {
  readonly #entries = new Map<string, Entry<V>>()
  #sorted: readonly V[] | undefined

  /** Returns whether a reader could see a difference. */
  add(id: string, value: V): boolean {
    const entry = this.#entries.get(id)
    if (entry) {
      entry.count++
      return false
    }
    this.#entries.set(id, { value, count: 1 })
    this.#sorted = undefined
    return true
  }

  /** Returns whether a reader could see a difference. */
  remove(id: string): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    if (--entry.count > 0) return false
    this.#entries.delete(id)
    this.#sorted = undefined
    return true
  }

  get values(): readonly V[] {
    this.#sorted ??= [...this.#entries]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, { value }]) => value)
    return this.#sorted
  }

  /** Count of values. */
  get size(): number {
    return this.#entries.size
  }

  get idle(): boolean {
    return this.#entries.size === 0 && this.readers.size === 0
  }
}
