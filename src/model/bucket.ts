import { Cell } from './cell.js'

interface Entry<V> {
  readonly value: V
  count: number
}

const none: readonly never[] = []

/** The values below one key of an index, in the order of their ids, each once however many rows give it. */
export class Bucket<V> extends Cell {
  /** Undefined in a bucket that never had a value: many are only looked into. */
  #entries: Map<string, Entry<V>> | undefined
  #sorted: readonly V[] | undefined

  /** Returns whether a reader could see a difference. */
  add(id: string, value: V): boolean {
    this.#entries ??= new Map()
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
    const entry = this.#entries?.get(id)
    if (!entry || --entry.count > 0) return false
    this.#entries?.delete(id)
    this.#sorted = undefined
    return true
  }

  get values(): readonly V[] {
    if (this.size === 0) return none
    this.#sorted ??= [...(this.#entries ?? none)]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, { value }]) => value)
    return this.#sorted
  }

  /** Count of values. */
  get size(): number {
    return this.#entries?.size ?? 0
  }

  get idle(): boolean {
    return this.size === 0 && this.readers.size === 0
  }
}
