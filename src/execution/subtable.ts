import type { Flow } from '../openflow/flow.js'
import type { Header } from './header.js'

interface Entry<F extends Flow> {
  readonly values: readonly number[]
  /** By falling priority. */
  readonly flows: F[]
}

/** The flows of a table that match the same bits, by the values that these have. */
export class Subtable<F extends Flow> {
  readonly #entries = new Map<number, Entry<F>[]>()
  #highest = 0

  constructor(
    readonly at: readonly number[],
    readonly masks: readonly number[],
  ) {}

  /** The highest priority of its flows. */
  get highest(): number {
    return this.#highest
  }

  add(flow: F, values: readonly number[]): void {
    this.#highest = Math.max(this.#highest, flow.priority)
    let hash = 0
    for (const value of values) hash = mix(hash, value)
    const bucket = this.#entries.get(hash) ?? []
    this.#entries.set(hash, bucket)
    let entry = bucket.find((each) => each.values.every((value, i) => value === values[i]))
    if (!entry) {
      entry = { values, flows: [] }
      bucket.push(entry)
    }
    entry.flows.push(flow)
    entry.flows.sort((a, b) => b.priority - a.priority)
  }

  /** The flows that match, by falling priority. */
  matching({ words }: Header): readonly F[] {
    let hash = 0
    for (let i = 0; i < this.at.length; i++) hash = mix(hash, this.#masked(words, i))
    for (const { values, flows } of this.#entries.get(hash) ?? [])
      if (values.every((value, i) => value === this.#masked(words, i))) return flows
    return []
  }

  #masked(words: Uint32Array, i: number): number {
    return ((words[this.at[i] ?? 0] ?? 0) & (this.masks[i] ?? 0)) >>> 0
  }
}

/** One round of a 32-bit hash in the manner of FNV-1a, a word at a time. */
function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x01000193)
  return mixed ^ (mixed >>> 15)
}
