import { commonEnds } from './common-ends.js'

/** Something that read cells and is to run again when one of them changes. */
export interface Reader {
  /** What it read in its last run, in order. An array, since there are a hundred thousand readers of two or three. */
  cells: readonly Cell[]
}

const nobody: ReadonlySet<Reader> = new Set()
const none: readonly Cell[] = []

/** One thing that can be read and can change: a row or a bucket of an index. */
export class Cell {
  #readers: Set<Reader> | undefined

  get readers(): ReadonlySet<Reader> {
    return this.#readers ?? nobody
  }

  /** Notes that `reader` depends on this cell. */
  readBy(reader: Reader): void {
    this.#readers ??= new Set()
    this.#readers.add(reader)
  }

  /** Forgets that `reader` depended on this cell. */
  release(reader: Reader): void {
    this.#readers?.delete(reader)
    if (this.#readers?.size === 0) this.#readers = undefined
  }
}

/** Notes what a reader has read in a run in place of what it read before: mostly the same, and in the same order. */
export function remember(reader: Reader, cells: readonly Cell[]): void {
  const before = reader.cells
  const { head, tail } = commonEnds(before, cells)
  const [gone, come] = [before.slice(head, before.length - tail), cells.slice(head, cells.length - tail)]
  if (gone.length === 0 && come.length === 0) return
  const kept = new Set(gone.length > 0 ? cells : none)
  for (const cell of gone) if (!kept.has(cell)) cell.release(reader)
  for (const cell of come) cell.readBy(reader)
  // A copy, which is not longer than it need be.
  reader.cells = cells.slice()
}

/** Takes a reader off everything that it read: when it goes. */
export function forget(reader: Reader): void {
  for (const cell of reader.cells) cell.release(reader)
  reader.cells = none
}
