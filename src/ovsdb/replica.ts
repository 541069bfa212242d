import type { Columns, Row, Tables } from './column.js'
import { ProtocolError } from './errors.js'
import type { Json } from './json.js'
import type { MonitorSink } from './monitor.js'
import type { DatabaseSchema } from './schema.js'
import { inSlices } from './slices.js'
import { type BoundColumn, contentOf, modified, type RowUpdate, readUpdates, sameValue } from './update.js'
import type { Uuid } from './uuid.js'

/** Rows that are worked on before the event loop gets a turn: some milliseconds. */
const SLICE = 500

/** One row before and after: `old` is undefined for a new row, `new` for one that is gone. */
export type Change<T extends Tables = Tables> = {
  [N in keyof T & string]: {
    readonly table: N
    readonly uuid: Uuid
    readonly old: Row<T[N]> | undefined
    readonly new: Row<T[N]> | undefined
  }
}[keyof T & string]

/** The rows of one table. A row is never changed in place: a changed row is another object. */
export interface TableView<C extends Columns = Columns> {
  /** Count of rows. */
  readonly size: number
  get(uuid: Uuid): Row<C> | undefined
  rows(): IterableIterator<Row<C>>
}

/** Read access to the copy of a database. */
export interface ReplicaView<T extends Tables = Tables> {
  table<N extends keyof T & string>(name: N): TableView<T[N]>
}

class TableReplica implements TableView {
  content = new Map<Uuid, Row>()
  #bound: ReadonlyMap<string, BoundColumn> = new Map()

  constructor(readonly columns: Columns) {}

  get size(): number {
    return this.content.size
  }

  get(uuid: Uuid): Row | undefined {
    return this.content.get(uuid)
  }

  rows(): IterableIterator<Row> {
    return this.content.values()
  }

  bind(types: DatabaseSchema['tables'], table: string): void {
    const bound = new Map<string, BoundColumn>()
    for (const [name, column] of Object.entries(this.columns)) {
      const type = types.get(table)?.get(name)
      if (type) bound.set(name, { column, type })
    }
    this.#bound = bound
  }

  /** What a row will be after an update. */
  next(uuid: Uuid, update: RowUpdate): Row | undefined {
    if (update.kind === 'delete') return undefined
    if (update.kind === 'put') return contentOf(uuid, this.#bound, update.columns)
    const old = this.content.get(uuid)
    if (!old) throw new ProtocolError(`a modification of row ${uuid}, which is not known`)
    return modified(this.#bound, old, update.columns)
  }

  same(a: Row | undefined, b: Row | undefined): boolean {
    if (!a || !b) return a === b
    return Object.keys(this.columns).every((name) => sameValue(a[name], b[name]))
  }
}

/**
 * A copy of the declared tables and columns, kept equal to the database by the updates of a monitor. An update is
 * applied as a whole or, when it makes no sense, not at all. A large one is prepared slice by slice; until it is applied
 * the copy is as before, and no other update may come.
 */
export class Replica<T extends Tables> implements ReplicaView<T>, MonitorSink {
  readonly #tables: ReadonlyMap<string, TableReplica>
  readonly #onChanges: (changes: readonly Change<T>[]) => void
  #last: Uuid | undefined

  /** @param onChanges called after each update that changed something, with all that it changed */
  constructor(tables: T, onChanges: (changes: readonly Change<T>[]) => void) {
    this.#tables = new Map(Object.entries(tables).map(([name, columns]) => [name, new TableReplica(columns)]))
    this.#onChanges = onChanges
  }

  /** The transaction that the copy is up to date with, where the server tells. */
  get lastTransaction(): Uuid | undefined {
    return this.#last
  }

  /** Makes the copy no base for a difference any more: the next monitor has to send everything. */
  forgetTransaction(): void {
    this.#last = undefined
  }

  /** The rows of a declared table. */
  table<N extends keyof T & string>(name: N): TableView<T[N]> {
    return this.#table(name) as TableView<T[N]>
  }

  /** Takes the types of columns from the server's schema. Needed before any update. */
  bind(schema: DatabaseSchema): void {
    for (const [name, table] of this.#tables) table.bind(schema.tables, name)
  }

  /**
   * Takes the initial content of a monitor in place of what is held; what differs is the change.
   * @throws ProtocolError, ValueError (also as rejections)
   */
  replace(updates: Json, version: 'update' | 'update2', last?: Uuid): void | Promise<void> {
    return inSlices(this.#replacing(updates, version, last))
  }

  /**
   * Applies one update notification.
   * @throws ProtocolError, ValueError (also as rejections)
   */
  apply(updates: Json, version: 'update' | 'update2', last?: Uuid): void | Promise<void> {
    return inSlices(this.#applying(updates, version, last))
  }

  *#applying(updates: Json, version: 'update' | 'update2', last: Uuid | undefined): Generator<void, void> {
    const changes: Change[] = []
    for (const change of this.#read(updates, version)) {
      if (!change) yield
      else if (change.old !== change.new) changes.push(change)
    }
    for (const { table, uuid, new: row } of changes) {
      const { content } = this.#table(table)
      if (row) content.set(uuid, row)
      else content.delete(uuid)
    }
    this.#commit(changes, last)
  }

  *#replacing(updates: Json, version: 'update' | 'update2', last: Uuid | undefined): Generator<void, void> {
    const changes: Change[] = []
    const contents = new Map(Array.from(this.#tables.values(), (table) => [table, new Map<Uuid, Row>()]))
    for (const change of this.#read(updates, version)) {
      if (!change) yield
      else {
        if (change.new) contents.get(this.#table(change.table))?.set(change.uuid, change.new)
        if (change.old !== change.new) changes.push(change)
      }
    }
    for (const [name, table] of this.#tables) {
      const present = contents.get(table)
      for (const [uuid, old] of table.content) {
        if (!present?.has(uuid)) changes.push({ table: name, uuid, old, new: undefined })
      }
    }
    for (const [table, content] of contents) table.content = content
    this.#commit(changes, last)
  }

  /**
   * What updates say, row by row, and undefined where the reader may be interrupted. `new` is the very object of `old`
   * when nothing differs.
   */
  *#read(updates: Json, version: 'update' | 'update2'): Generator<Change | undefined, void> {
    let count = 0
    for (const [table, uuid, update] of readUpdates(updates, version)) {
      if (++count % SLICE === 0) yield undefined
      const target = this.#table(table)
      const old = target.get(uuid)
      const row = target.next(uuid, update)
      yield { table, uuid, old, new: target.same(old, row) ? old : row }
    }
  }

  #commit(changes: readonly Change[], last: Uuid | undefined): void {
    this.#last = last
    if (changes.length > 0) this.#onChanges(changes as readonly Change<T>[])
  }

  #table(name: string): TableReplica {
    const table = this.#tables.get(name)
    if (!table) throw new ProtocolError(`table ${name} is not monitored`)
    return table
  }
}
