import { Writer } from '../openflow/bytes.js'
import { type Action, encodeInstructions, encodeMatch } from '../openflow/flow.js'
import { type Flow, flowKey } from './flow.js'
import type { RuleAction, RuleFlow, Table } from './table.js'
import type { Unit } from './unit.js'

/** Flows are kept in the encoding of OpenFlow 1.5; a session of an older version translates. */
export const nativeVersion = 6

/** Turns what rules yield into encoded flows. One writer is reused: an instance is not for concurrent use. */
export class Compiler {
  readonly #writer = new Writer(1024)
  readonly #numbers: ReadonlyMap<string, number>

  constructor(tables: readonly Table[]) {
    this.#numbers = new Map(tables.map(({ name, number }) => [name, number]))
  }

  /** Throws EncodeError for a value out of range and TypeError for an unknown table: both are errors of the rule. */
  compile(flow: RuleFlow, unit: Unit): Flow {
    const writer = this.#writer
    writer.truncate(0)
    encodeMatch(writer, flow.match, nativeVersion)
    const key = flowKey(unit.table.number, flow.priority, writer.view())
    writer.truncate(0)
    writer.u64(unit.cookie)
    encodeInstructions(
      writer,
      flow.actions.map((action) => this.#resolve(action)),
      nativeVersion,
    )
    return { key, content: writer.view().toString('latin1'), unit }
  }

  #resolve(action: RuleAction): Action {
    switch (action.type) {
      case 'goto':
        return { type: 'gotoTable', table: this.#number(action.table) }
      case 'call':
        return { type: 'resubmit', table: this.#number(action.table) }
      case 'ct': {
        const { table, ...rest } = action
        return table === undefined ? rest : { ...rest, table: this.#number(table) }
      }
      default:
        return action
    }
  }

  #number(name: string): number {
    const number = this.#numbers.get(name)
    if (number === undefined) throw new TypeError(`no table is named ${name}`)
    return number
  }
}
