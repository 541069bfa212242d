import { stripVTControlCharacters } from 'node:util'

const widthOf = (cell: string) => stripVTControlCharacters(cell).length
const pad = (cell: string, width: number) => cell + ' '.repeat(Math.max(0, width - widthOf(cell)))

/** Rows as aligned columns, two spaces between them. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const columns = new Columns()
  for (const row of rows) columns.widen(row)
  return rows.map((row) => columns.format(row))
}

/** Columns of rows that come one by one: each column is as wide as its widest cell so far. */
export class Columns {
  readonly #widths: number[] = []

  widen(row: readonly string[]): void {
    for (const [n, cell] of row.entries()) this.#widths[n] = Math.max(this.#widths[n] ?? 0, widthOf(cell))
  }

  format(row: readonly string[]): string {
    this.widen(row)
    return row
      .map((cell, n) => (n === row.length - 1 ? cell : pad(cell, this.#widths[n] ?? 0)))
      .join('  ')
      .trimEnd()
  }
}
