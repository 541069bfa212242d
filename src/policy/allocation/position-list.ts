import { longestRise } from './longest-rise.js'

/** Count of positions that a list has: they become priorities of flows, of which there are no more. */
export const positionCount = 16_384

/** Room that is left between neighbours at the ends of a list, where most of what comes later goes. */
const stride = 16

const unplaced = -1

/** A rule among others whose order decides. */
export interface Entry {
  readonly priority: number
  /** Id of the policy's object. */
  readonly policy: string
  readonly index: number
  /** 0 to 16,383; what stands here on the way into a list is a wish. */
  position: number
}

function compare(a: Entry, b: Entry): number {
  if (a.priority !== b.priority) return a.priority - b.priority
  if (a.policy !== b.policy) return a.policy < b.policy ? -1 : 1
  return a.index - b.index
}

/**
 * Rules in the order of (priority, policy, index), with positions that rise in this order. A rule that comes gets a
 * position in the gap where it belongs; only where that is used up do some of its neighbours move.
 */
export class PositionList {
  readonly #entries: Entry[] = []

  get size(): number {
    return this.#entries.length
  }

  /** Takes out an entry that was inserted. */
  remove(entry: Entry): void {
    this.#entries.splice(this.#indexOf(entry), 1)
  }

  /**
   * Puts entries in, at the positions that they have where order and the others allow that. The list must have room.
   * @returns other entries that had to move
   */
  insert(entries: readonly Entry[]): ReadonlySet<Entry> {
    const sorted = [...entries].sort(compare)
    const former = new Map<Entry, number>()
    let end = sorted.length
    for (let last = sorted.at(-1); last !== undefined; last = sorted[end - 1]) {
      const at = this.#indexOf(last)
      const before = this.#entries[at - 1]
      let start = end - 1
      while (start > 0 && (before === undefined || isBefore(before, sorted[start - 1]))) start--
      this.#insertRun(at, sorted.slice(start, end), former)
      end = start
    }
    for (const entry of entries) former.delete(entry)
    return new Set([...former].flatMap(([entry, position]) => (entry.position === position ? [] : [entry])))
  }

  /** Inserts entries between two neighbours. */
  #insertRun(at: number, run: readonly Entry[], former: Map<Entry, number>): void {
    const floor = this.#positionOf(at - 1)
    const ceiling = this.#positionOf(at)
    const fitting = run.filter(({ position }) => floor < position && position < ceiling)
    const rise = longestRise(fitting.map(({ position }) => position))
    const kept = new Set(fitting.filter((_, index) => rise.has(index)))
    for (const entry of run) if (!kept.has(entry)) entry.position = unplaced
    this.#entries.splice(at, 0, ...run)
    for (let index = at; index < at + run.length; index++)
      if (this.#entries[index]?.position === unplaced) this.#fill(index, former)
  }

  /** Gives positions to the entries without one that begin here; takes neighbours into the window until there is room. */
  #fill(from: number, former: Map<Entry, number>): void {
    let low = from
    let high = this.#endOfUnplaced(from)
    let spare = 1
    while (this.#room(low, high) < (high - low) * spare && high - low < this.size) {
      const width = high - low
      low = Math.max(0, low - width)
      high = this.#endOfUnplaced(Math.min(this.size, high + width))
      spare = 2
    }
    this.#spread(low, high, former)
  }

  #spread(low: number, high: number, former: Map<Entry, number>): void {
    const floor = this.#positionOf(low - 1)
    const even = (this.#room(low, high) + 1) / (high - low + 1)
    const [first, last] = [low === 0, high === this.size]
    const step = first === last ? even : Math.min(even, stride)
    const start = first && !last ? this.#positionOf(high) - step * (high - low + 1) : floor
    for (const [n, entry] of this.#entries.slice(low, high).entries()) {
      const position = Math.floor(start + step * (n + 1))
      if (!former.has(entry)) former.set(entry, entry.position)
      entry.position = position
    }
  }

  #endOfUnplaced(index: number): number {
    let end = index
    while (this.#entries[end]?.position === unplaced) end++
    return end
  }

  /** Count of positions between the neighbours of a window. */
  #room(low: number, high: number): number {
    return this.#positionOf(high) - this.#positionOf(low - 1) - 1
  }

  #positionOf(index: number): number {
    return this.#entries[index]?.position ?? (index < 0 ? -1 : positionCount)
  }

  /** Where an entry is, or belongs. */
  #indexOf(entry: Entry): number {
    let [low, high] = [0, this.size]
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#entries[middle]
      if (other !== undefined && compare(other, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isBefore(entry: Entry, other: Entry | undefined): boolean {
  return other !== undefined && compare(entry, other) < 0
}
