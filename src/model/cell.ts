/** Something that read cells and is to run again when one of them changes. */
export interface Reader {
  /** What it read in its last run. */
  readonly cells: Set<Cell>
}

/** One thing that can be read and can change: a row or a bucket of an index. */
export class Cell {
  readonly readers = new Set<Reader>()

  /** Notes that `reader` depends on this cell. */
  readBy(reader: Reader): void {
    if (reader.cells.has(this)) return
    reader.cells.add(this)
    this.readers.add(reader)
  }
}

/** Takes a reader off everything that it read: before it runs again, or when it goes. */
export function forget(reader: Reader): void {
  for (const cell of reader.cells) cell.readers.delete(reader)
  reader.cells.clear()
}
