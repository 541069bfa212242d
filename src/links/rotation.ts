/** Things that have their turn one after the other, in an order left to chance. */
export class Rotation<T> {
  readonly #items: T[] = []
  readonly #places = new Map<T, number>()
  #last = -1

  /** @param random from 0 to 1 */
  constructor(readonly random: () => number) {}

  get size(): number {
    return this.#items.length
  }

  add(item: T): void {
    if (this.#places.has(item)) return
    const last = this.#items.length
    this.#put(item, last)
    this.#swap(last, Math.floor(this.random() * this.#items.length))
  }

  delete(item: T): void {
    const place = this.#places.get(item)
    if (place === undefined) return
    this.#swap(place, this.#items.length - 1)
    this.#items.pop()
    this.#places.delete(item)
  }

  /** The next ones, at most `count`, and each once. */
  *take(count: number): Generator<T> {
    for (let left = Math.min(count, this.#items.length); left > 0; left--) {
      this.#last = this.#last + 1 < this.#items.length ? this.#last + 1 : 0
      const item = this.#items[this.#last]
      if (item !== undefined) yield item
    }
  }

  #swap(one: number, two: number): void {
    const [a, b] = [this.#items[one], this.#items[two]]
    if (a === undefined || b === undefined) return
    this.#put(a, two)
    this.#put(b, one)
  }

  #put(item: T, place: number): void {
    this.#items[place] = item
    this.#places.set(item, place)
  }
}
