import type { Cell, Reader } from '../model/cell.js'
import { cookieFor } from './cookie.js'
import type { Flow } from './flow.js'
import type { Rule, Table } from './table.js'

const none: readonly Flow[] = []

/** One rule applied to one row: the source of flows, and what runs again when something that it read changes. */
export class Unit implements Reader {
  cells: readonly Cell[] = []
  scope: string | undefined
  flows = none
  #cookie: bigint | undefined

  constructor(
    readonly table: Table,
    readonly rule: Rule,
    readonly row: string,
  ) {}

  /** `table/rule/row`: names, never positions, so that it means the same in the next version. */
  get id(): string {
    return `${this.table.name}/${this.rule.name}/${this.row}`
  }

  /** Made when it is first asked for: most units have no flow and need none. */
  get cookie(): bigint {
    this.#cookie ??= cookieFor(this.table.number, this.id)
    return this.#cookie
  }

  /** Whether nothing but its own row can make a difference to it, and that gives it no flow. */
  get isIdle(): boolean {
    return this.cells.length === 0 && this.flows.length === 0
  }
}
