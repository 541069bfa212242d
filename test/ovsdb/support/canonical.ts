import type { Row } from '../../../src/ovsdb/index.js'

/** Rows in an order of their own, and their members too: sets and maps have none. */
export function canonical(rows: Iterable<Row>): readonly string[] {
  return Array.from(rows, (row) =>
    JSON.stringify(
      Object.entries(row)
        .map(([name, value]) => [
          name,
          value instanceof Set || value instanceof Map ? [...value].map(String).sort() : String(value),
        ])
        .sort(),
    ),
  ).sort()
}
