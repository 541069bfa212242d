import { EncodeError, Writer } from '../openflow/bytes.js'
import { type Action, encodeInstructions, encodeMatch } from '../openflow/flow.js'
import { type Flow, groupOrMeterKey } from './flow.js'
import { groupContent, meterBody, meterContent, selectionBy } from './group-meter.js'
import { nativeVersion } from './native-version.js'
import type { RuleAction, RuleFlow, RuleGroup, RuleMeter, Table } from './table.js'
import type { Unit } from './unit.js'

/** Bytes of a flow that fit into a message of any version: 64 KB, less what stands before them, and around them in a bundle. */
const mostBytes = 65_000

/** Turns what rules yield into encoded flows, groups and meters. One writer is reused: an instance is not for concurrent use. */
export class Compiler {
  readonly #writer = new Writer(1024)
  readonly #numbers: ReadonlyMap<string, number>

  constructor(tables: readonly Table[]) {
    this.#numbers = new Map(tables.map(({ name, number }) => [name, number]))
  }

  /** Throws EncodeError for a value out of range or what is too long, and TypeError for an unknown table: an error of the rule. */
  compile(made: RuleFlow | RuleGroup | RuleMeter, unit: Unit): Flow {
    if ('group' in made) return this.#group(made, unit)
    if ('meter' in made) {
      const { meter: number } = made
      return {
        key: groupOrMeterKey({ kind: 'meter', number }),
        content: meterContent(number, meterBody(made)),
        unit,
      }
    }
    return this.#flow(made, unit)
  }

  #group({ group: number, type: groupType, buckets, choice }: RuleGroup, unit: Unit): Flow {
    const resolved = buckets.map(({ actions, ...rest }) => ({
      ...rest,
      actions: actions.map((action) => this.#resolve(action)),
    }))
    return {
      key: groupOrMeterKey({ kind: 'group', number }),
      content: groupContent(number, { groupType, buckets: resolved, ...selectionBy(choice) }),
      unit,
    }
  }

  #flow(flow: RuleFlow, unit: Unit): Flow {
    const writer = this.#writer
    writer.truncate(0)
    writer.u8(unit.table.number)
    writer.u16(flow.priority)
    encodeMatch(writer, flow.match, nativeVersion)
    const key = writer.latin1()
    writer.truncate(0)
    writer.u64(unit.cookie)
    encodeInstructions(
      writer,
      flow.actions.map((action) => this.#resolve(action)),
      nativeVersion,
    )
    const content = writer.latin1()
    const size = key.length + content.length
    if (size > mostBytes) throw new EncodeError(`a flow of ${size} bytes is too long for a message`)
    return { key, content, unit }
  }

  #resolve(action: RuleAction): Action {
    switch (action.type) {
      case 'goto':
        return { type: 'gotoTable', table: this.#number(action.table) }
      case 'call':
        return { type: 'resubmit', table: this.#number(action.table) }
      case 'clone':
        return { type: 'clone', actions: action.actions.map((each) => this.#resolve(each)) }
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
