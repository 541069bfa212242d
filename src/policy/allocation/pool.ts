/** What a pool may hand out. */
export interface Range {
  readonly first: bigint
  readonly last: bigint
  /** Values between the two that nobody gets. */
  readonly except: ReadonlySet<bigint>
  /** Where each search begins; default: where the last one ended. */
  readonly start?: () => bigint
}

/** A pool without values. */
export const emptyRange: Range = { first: 1n, last: 0n, except: new Set() }

/** Count of owners that are gone whose values a pool keeps for them. */
const remembered = 65_536

/**
 * Values handed out to owners, one each. An owner that goes keeps its value in mind: it gets the same one when it comes
 * back, unless the pool ran out of others in between.
 */
export class Pool {
  #range: Range
  /** Owners by value: those with a value of the pool's choice, and those that chose their own. */
  readonly #held = new Map<bigint, string>()
  readonly #values = new Map<string, bigint>()
  readonly #chosen = new Map<bigint, number>()
  /** Values of owners that are gone, the longest gone first. */
  readonly #released = new Map<string, bigint>()
  readonly #quarantined = new Map<bigint, string>()
  #changed = new Set<string>()
  #cursor: bigint

  constructor(range: Range) {
    this.#range = range
    this.#cursor = range.first
  }

  /** The value that the pool gave an owner. */
  valueOf(owner: string): bigint | undefined {
    return this.#values.get(owner)
  }

  /** Owners whose value was given, kept, or forgotten since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed
    if (changed.size > 0) this.#changed = new Set()
    return changed
  }

  /** What to write down of an owner, for `restore`; undefined where the pool knows nothing of it. */
  record(owner: string): string | undefined {
    return (this.#values.get(owner) ?? this.#released.get(owner))?.toString()
  }

  /** Takes up what an earlier run wrote down: the value is kept until its owner claims it. */
  restore(owner: string, record: string): void {
    const value = BigInt(record)
    if (this.#fits(value) && !this.#held.has(value) && !this.#quarantined.has(value)) this.#keep(owner, value)
    else this.#changed.add(owner)
  }

  /** Gives an owner the value that is kept for it, if there is one. */
  reclaim(owner: string): void {
    const value = this.#released.get(owner)
    if (value === undefined) return
    this.#released.delete(owner)
    this.#quarantined.delete(value)
    this.#give(owner, value)
  }

  /** Changes what the pool may hand out. Values outside of it are forgotten, and all that was chosen. */
  reshape(range: Range): void {
    this.#range = range
    this.#cursor = range.first
    this.#chosen.clear()
    for (const [owner, value] of [...this.#values]) if (!this.#fits(value)) this.#drop(owner)
    for (const [owner, value] of [...this.#released]) if (!this.#fits(value)) this.#forget(owner)
  }

  /**
   * Notes that an object names this value itself. Whoever had it from the pool loses it.
   * @returns the owner that lost it
   */
  choose(value: bigint): string | undefined {
    this.#chosen.set(value, (this.#chosen.get(value) ?? 0) + 1)
    const former = this.#quarantined.get(value)
    if (former !== undefined) this.#forget(former)
    const loser = this.#held.get(value)
    if (loser !== undefined) this.#drop(loser)
    return loser
  }

  /** Takes back one `choose` of this value. */
  unchoose(value: bigint): void {
    const count = this.#chosen.get(value) ?? 0
    if (count > 1) this.#chosen.set(value, count - 1)
    else this.#chosen.delete(value)
  }

  /** The owner's value: the one it has, the one it had, or a new one; undefined where none is left. */
  assign(owner: string): bigint | undefined {
    this.reclaim(owner)
    const had = this.#values.get(owner)
    if (had !== undefined) return had
    const value = this.#free() ?? this.#released.values().next().value
    if (value === undefined) return undefined
    const former = this.#quarantined.get(value)
    if (former !== undefined) this.#forget(former)
    this.#give(owner, value)
    this.#changed.add(owner)
    return value
  }

  /** The owner is gone, but may come back. */
  release(owner: string): void {
    const value = this.#values.get(owner)
    if (value === undefined) return
    this.#drop(owner)
    this.#keep(owner, value)
    if (this.#released.size <= remembered) return
    const oldest = this.#released.keys().next().value
    if (oldest !== undefined) this.#forget(oldest)
  }

  #fits(value: bigint): boolean {
    const { first, last, except } = this.#range
    return first <= value && value <= last && !except.has(value) && !this.#chosen.has(value)
  }

  /** The next value that nobody has or had. Starts where the last search ended, so that few are looked at. */
  #free(): bigint | undefined {
    const { first, last, start } = this.#range
    if (start !== undefined) this.#cursor = start()
    const size = last - first + 1n
    const most = this.#held.size + this.#quarantined.size + this.#chosen.size + this.#range.except.size
    const tries = BigInt(most) + 1n < size ? BigInt(most) + 1n : size
    for (let i = 0n; i < tries; i++) {
      const value = this.#cursor
      this.#cursor = value >= last ? first : value + 1n
      if (this.#fits(value) && !this.#held.has(value) && !this.#quarantined.has(value)) return value
    }
    return undefined
  }

  #give(owner: string, value: bigint): void {
    this.#held.set(value, owner)
    this.#values.set(owner, value)
  }

  #drop(owner: string): void {
    const value = this.#values.get(owner)
    if (value !== undefined) this.#held.delete(value)
    this.#values.delete(owner)
    this.#changed.add(owner)
  }

  #keep(owner: string, value: bigint): void {
    this.#released.set(owner, value)
    this.#quarantined.set(value, owner)
  }

  #forget(owner: string): void {
    const value = this.#released.get(owner)
    if (value === undefined) return
    this.#quarantined.delete(value)
    this.#released.delete(owner)
    this.#changed.add(owner)
  }
}
