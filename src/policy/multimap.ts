/** A map from a key to the set of its members; a key without members is absent. */
export class Multimap<K, V> {
  readonly #sets = new Map<K, Set<V>>()

  get(key: K): ReadonlySet<V> {
    return this.#sets.get(key) ?? new Set()
  }

  keys(): IterableIterator<K> {
    return this.#sets.keys()
  }

  add(key: K, value: V): void {
    const set = this.#sets.get(key)
    if (set === undefined) this.#sets.set(key, new Set([value]))
    else set.add(value)
  }

  delete(key: K, value: V): void {
    const set = this.#sets.get(key)
    if (set?.delete(value) && set.size === 0) this.#sets.delete(key)
  }
}
