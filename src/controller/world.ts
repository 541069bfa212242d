import type { Change, TableName } from '../model/rows.js'
import type { Store, Write } from '../store/store.js'

/** What hosts and stations outside have told, and time. It is kept, so that a restart finds the flows of today still right. */
const tables = [
  'port',
  'bridge',
  'outerBridge',
  'neighbour',
  'station',
  'succession',
  'settled',
] as const satisfies readonly TableName[]
type WorldTable = (typeof tables)[number]

/** What was known when the controller last ran. */
export function* storedWorld(store: Store): Generator<Change> {
  for (const table of tables)
    for (const [id, text] of store.table(table)) yield { table, id, row: JSON.parse(text) } as Change
}

/** Keeps what a transaction changed of the world. */
export function storeWorld(store: Store, changes: readonly Change[]): void {
  const writes = changes.flatMap(({ table, id, row }): Write[] =>
    isWorld(table) ? [{ table, key: id, value: row && JSON.stringify(row) }] : [],
  )
  if (writes.length > 0) store.commit(writes)
}

function isWorld(table: TableName): table is WorldTable {
  return (tables as readonly TableName[]).includes(table)
}
