/** Something that read cells and is to run again when one of them changes. */
export interface Reader {
  /** What it read in its last run, each once. An array, since there are a hundred thousand readers of two or three. */
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

  /** Notes that `reader` depends on this cell; answers whether that is new. */
  readBy(reader: Reader): boolean {
    this.#readers ??= new Set()
    if (this.#readers.has(reader)) return false
    this.#readers.add(reader)
    return true
  }

  /** Forgets that `reader` depended on this cell. */
  release(reader: Reader): void {
    this.#readers?.delete(reader)
    if (this.#readers?.size === 0) this.#readers = undefined
  }
}

/** Takes a reader off everything that it read: before it runs again, or when it goes. */
export function forget(reader: Reader): void {
  for (const cell of reader.cells) cell.release(reader)
  reader.cells = none
}
