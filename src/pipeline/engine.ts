import { type Cell, forget, type Reader } from '../model/cell.js'
import type { Commit, Model } from '../model/model.js'
import type { Reads } from '../model/reads.js'
import type { Change, Row, TableName, Tables } from '../model/rows.js'
import { Compiler } from './compile.js'
import { DesiredFlows } from './desired-flows.js'
import { type Flow, isFlowKey } from './flow.js'
import { type Member, Scopes } from './scopes.js'
import type { Rule, Table } from './table.js'
import { Unit, unitId } from './unit.js'

/** The scopes that a bridge needs, from the id of the row that it stands by: its host's, for bridges of ours. */
export type ScopesOf = (id: string, reads: Reads) => Iterable<string>

/** One bridge. Runs again when what decides over its scopes changes. */
class Membership implements Reader, Member {
  readonly cells: Cell[] = []
  readonly desired = new DesiredFlows()
  readonly groupsAndMeters = new DesiredFlows()

  constructor(readonly id: string) {}

  add(flow: Flow): void {
    this.#part(flow).add(flow)
  }

  remove(flow: Flow): void {
    this.#part(flow).remove(flow)
  }

  #part({ key }: Flow): DesiredFlows {
    return isFlowKey(key) ? this.desired : this.groupsAndMeters
  }
}

/**
 * Keeps the flows of every bridge in step with the model: a transaction runs again exactly the units that read
 * something that it changed. Running from scratch is the same thing with everything changed.
 */
export class Engine {
  readonly #units = new Map<string, Unit>()
  readonly #byCookie = new Map<bigint, Unit>()
  readonly #members = new Map<string, Membership>()
  readonly #scopes = new Scopes()
  readonly #compiler: Compiler
  readonly #rules: ReadonlyMap<TableName, readonly { readonly table: Table; readonly rule: Rule }[]>
  readonly #changed: Change[] = []
  readonly #pending = new Set<Unit | Membership>()

  constructor(
    readonly model: Model,
    readonly tables: readonly Table[],
    readonly scopesOf: ScopesOf,
    /** The rows that each stand for a bridge. */
    readonly bridges: TableName = 'host',
  ) {
    this.#compiler = new Compiler(tables)
    const rules = new Map<TableName, { table: Table; rule: Rule }[]>()
    for (const table of tables)
      for (const rule of table.rules) rules.set(rule.from, [...(rules.get(rule.from) ?? []), { table, rule }])
    this.#rules = rules
  }

  /** The flows that a bridge should have; undefined for one whose row there is not. */
  desired(id: string): DesiredFlows | undefined {
    return this.#members.get(id)?.desired
  }

  /** The groups and meters that a bridge should have; undefined for one whose row there is not. */
  groupsAndMeters(id: string): DesiredFlows | undefined {
    return this.#members.get(id)?.groupsAndMeters
  }

  /** The ids of the bridges on which a flow of this key is the unit's. */
  bridgesWith(key: string, unit: Unit): readonly string[] {
    const members = [...this.#members.values()].filter(({ desired }) => desired.get(key)?.unit === unit)
    return members.map(({ id }) => id)
  }

  /** The unit that writes flows with this cookie. */
  unit(cookie: bigint): Unit | undefined {
    return this.#byCookie.get(cookie)
  }

  units(): IterableIterator<Unit> {
    return this.#units.values()
  }

  /** Notes what a transaction makes necessary; {@link run} does it. */
  apply(commit: Commit): void {
    for (const change of commit.changes) {
      this.#changed.push(change)
      if (change.table === this.bridges) this.#pending.add(this.#member(change.id))
    }
    for (const reader of commit.readers) if (this.#isOwn(reader)) this.#pending.add(reader)
  }

  /** Others read the model too, engines among them. */
  #isOwn(reader: Reader): reader is Unit | Membership {
    return (
      (reader instanceof Unit && this.#units.get(reader.id) === reader) ||
      (reader instanceof Membership && this.#members.get(reader.id) === reader)
    )
  }

  /**
   * Runs what is pending until nothing is left or `overdue` says so.
   * @returns whether nothing is left, so that the flow sets are consistent
   */
  run(overdue: () => boolean = () => false): boolean {
    for (let change = this.#changed.pop(); change; change = this.#changed.pop()) {
      if (overdue()) {
        this.#changed.push(change)
        return false
      }
      this.#follow(change)
    }
    for (const task of this.#pending) {
      if (overdue()) return false
      this.#pending.delete(task)
      if (task instanceof Unit) this.#runUnit(task)
      else this.#runMembership(task)
    }
    return true
  }

  /** The units of a row that changed are to run. */
  #follow({ table, id }: Change): void {
    for (const { table: flows, rule } of this.#rules.get(table) ?? [])
      this.#pending.add(this.#unit(flows, rule, id))
  }

  #runUnit(unit: Unit): void {
    const row = this.#row(unit)
    if (!row) {
      this.#scopes.publish(unit, undefined, [])
      forget(unit)
      this.#units.delete(unit.id)
      this.#byCookie.delete(unit.cookie)
      return
    }
    const reads = this.model.readsOf(unit)
    const scope = unit.rule.scope(row, reads)
    const flows = new Map<string, Flow>()
    for (const flow of scope === undefined ? [] : unit.rule.flows(row, reads)) {
      const compiled = this.#compiler.compile(flow, unit)
      if (!flows.has(compiled.key)) flows.set(compiled.key, compiled)
    }
    this.#scopes.publish(unit, scope, [...flows.values()])
  }

  #runMembership(member: Membership): void {
    const gone = this.model.get(this.bridges, member.id) === undefined
    const scopes = gone ? [] : this.scopesOf(member.id, this.model.readsOf(member))
    this.#scopes.join(member, new Set(scopes))
    if (!gone) return
    forget(member)
    this.#members.delete(member.id)
  }

  #row(unit: Unit): Row | undefined {
    return this.model.get(unit.rule.from, unit.row) as Tables[TableName] | undefined
  }

  #unit(table: Table, rule: Rule, row: string): Unit {
    const id = unitId(table, rule, row)
    let unit = this.#units.get(id)
    if (!unit) {
      unit = new Unit(table, rule, row, id)
      this.#units.set(id, unit)
      this.#byCookie.set(unit.cookie, unit)
    }
    return unit
  }

  #member(id: string): Membership {
    let member = this.#members.get(id)
    if (!member) {
      member = new Membership(id)
      this.#members.set(id, member)
    }
    return member
  }
}
