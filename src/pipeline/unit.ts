import type { Cell, Reader } from '../model/cell.js'
import { cookieFor } from './cookie.js'
import type { Flow } from './flow.js'
import type { Rule, Table } from './table.js'

/** One rule applied to one row: the source of flows, and what runs again when something that it read changes. */
export class Unit implements Reader {
  readonly cells: Cell[] = []
  readonly cookie: bigint
  scope: string | undefined
  flows: readonly Flow[] = []

  /** @param id as {@link unitId} has it */
  constructor(
    readonly table: Table,
    readonly rule: Rule,
    readonly row: string,
    readonly id = unitId(table, rule, row),
  ) {
    this.cookie = cookieFor(table.number, id)
  }
}

/** `table/rule/row`: names, never positions, so that it means the same in the next version. */
export function unitId(table: Table, rule: Rule, row: string): string {
  return `${table.name}/${rule.name}/${row}`
}
