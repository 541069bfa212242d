import type { Change, TableName } from './rows.js'

/** The change that deletes a row, where its table is not known beforehand. */
export function removal({ table, id }: { readonly table: TableName; readonly id: string }): Change {
  return { table, id } as Change
}
