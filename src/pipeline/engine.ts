import { type Cell, forget, type Reader } from '../model/cell.js'
import type { Commit, Model } from '../model/model.js'
import type { Reads } from '../model/reads.js'
import type { Row, TableName } from '../model/rows.js'
import { EncodeError } from '../openflow/bytes.js'
import { Compiler } from './compile.js'
import { DesiredFlows } from './desired-flows.js'
import { type Flow, isFlowKey } from './flow.js'
import { type Member, Scopes } from './scopes.js'
import type { Rule, Table } from './table.js'
import { Unit } from './unit.js'

/** The scopes that a bridge needs, from the id of the row that it stands by: its host's, for bridges of ours. */
export type ScopesOf = (id: string, reads: Reads) => Iterable<string>

/** One bridge. Runs again when what decides over its scopes changes. */
class Membership implements Reader, Member {
  cells: readonly Cell[] = []
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

/** The rules that begin with rows of one table, and the units that these have. */
class Family {
  readonly rules: { readonly table: Table; readonly rule: Rule }[] = []
  /** By the id of their row. */
  readonly units = new Map<string, readonly Unit[]>()
  /** Ids of rows whose units are all to run. */
  readonly changed = new Set<string>()

  constructor(readonly from: TableName) {}
}

/**
 * Keeps the flows of every bridge in step with the model: a transaction runs again exactly the units that read
 * something that it changed. Running from scratch is the same thing with everything changed.
 */
export class Engine {
  readonly #families = new Map<TableName, Family>()
  readonly #byCookie = new Map<bigint, Unit>()
  readonly #members = new Map<string, Membership>()
  readonly #scopes = new Scopes()
  readonly #compiler: Compiler
  readonly #pending = new Set<Unit | Membership>()
  readonly #faults = new Map<Unit, EncodeError>()

  constructor(
    readonly model: Model,
    readonly tables: readonly Table[],
    readonly scopesOf: ScopesOf,
    /** The rows that each stand for a bridge. */
    readonly bridges: TableName = 'host',
  ) {
    this.#compiler = new Compiler(tables)
    for (const table of tables)
      for (const rule of table.rules) {
        const family = this.#families.get(rule.from) ?? new Family(rule.from)
        this.#families.set(rule.from, family)
        family.rules.push({ table, rule })
      }
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

  /** The unit that writes, or has written, flows with this cookie. */
  unit(cookie: bigint): Unit | undefined {
    return this.#byCookie.get(cookie)
  }

  /** The units that have flows, or would if something that they have read were different. */
  *units(): Generator<Unit> {
    for (const { units } of this.#families.values()) for (const own of units.values()) yield* own
  }

  /** Count of {@link units}. */
  get unitCount(): number {
    let count = 0
    for (const { units } of this.#families.values()) for (const own of units.values()) count += own.length
    return count
  }

  /** The units that want what no message can hold, and why that is: they have no flow, and the others all of theirs. */
  get faults(): ReadonlyMap<Unit, EncodeError> {
    return this.#faults
  }

  /** Notes what a transaction makes necessary; {@link run} does it. */
  apply(commit: Commit): void {
    for (const { table, id } of commit.changes) {
      this.#families.get(table)?.changed.add(id)
      if (table === this.bridges) this.#pending.add(this.#member(id))
    }
    for (const reader of commit.readers) if (this.#isOwn(reader)) this.#pending.add(reader)
  }

  /** Others read the model too, engines among them. */
  #isOwn(reader: Reader): reader is Unit | Membership {
    if (reader instanceof Membership) return this.#members.get(reader.id) === reader
    if (!(reader instanceof Unit)) return false
    const units = this.#families.get(reader.rule.from)?.units.get(reader.row)
    return units?.includes(reader) === true
  }

  /**
   * Runs what is pending until nothing is left or `overdue` says so.
   * @returns whether nothing is left, so that the flow sets are consistent
   */
  run(overdue: () => boolean = () => false): boolean {
    for (const family of this.#families.values())
      for (const row of family.changed) {
        if (overdue()) return false
        family.changed.delete(row)
        this.#runRow(family, row)
      }
    for (const task of this.#pending) {
      if (overdue()) return false
      this.#pending.delete(task)
      if (task instanceof Membership) this.#runMembership(task)
      else {
        const row = this.model.get(task.rule.from, task.row)
        if (row) this.#runUnit(task, row)
      }
    }
    return true
  }

  /** Runs every unit of a row that has changed, and keeps those for which something else can make a difference. */
  #runRow({ from, rules, units }: Family, id: string): void {
    const before = units.get(id) ?? []
    const row: Row | undefined = this.model.get(from, id)
    const all = (row ? rules : []).map(({ table, rule }) => {
      const unit =
        before.find((each) => each.rule === rule && each.table === table) ?? new Unit(table, rule, id)
      this.#pending.delete(unit)
      if (row) this.#runUnit(unit, row)
      return unit
    })
    const after = all.filter((unit) => !unit.isIdle || this.#faults.has(unit))
    for (const unit of before) if (!after.includes(unit)) this.#drop(unit)
    if (after.length > 0) units.set(id, after)
    else units.delete(id)
  }

  #drop(unit: Unit): void {
    this.#pending.delete(unit)
    this.#scopes.publish(unit, undefined, [])
    forget(unit)
    this.#faults.delete(unit)
    this.#byCookie.delete(unit.cookie)
  }

  #runUnit(unit: Unit, row: Row): void {
    let flows: readonly Flow[] = []
    this.#faults.delete(unit)
    const scope = this.model.track(unit, (reads) => {
      const to = unit.rule.scope(row, reads)
      if (to !== undefined) flows = this.#compile(unit, unit.rule.flows(row, reads))
      return to
    })
    if (flows.length > 0) this.#byCookie.set(unit.cookie, unit)
    this.#scopes.publish(unit, scope, firstOfEachKey(flows))
  }

  #compile(unit: Unit, made: ReturnType<Rule['flows']>): readonly Flow[] {
    const flows: Flow[] = []
    try {
      for (const each of made) flows.push(this.#compiler.compile(each, unit))
      return flows
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      this.#faults.set(unit, error)
      return []
    }
  }

  #runMembership(member: Membership): void {
    const isThere = this.model.get(this.bridges, member.id) !== undefined
    const scopes = this.model.track(
      member,
      (reads) => new Set(isThere ? this.scopesOf(member.id, reads) : []),
    )
    this.#scopes.join(member, scopes)
    if (!isThere) this.#members.delete(member.id)
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

function firstOfEachKey(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows
  const first = new Map<string, Flow>()
  for (const flow of flows) if (!first.has(flow.key)) first.set(flow.key, flow)
  return first.size === flows.length ? flows : [...first.values()]
}
