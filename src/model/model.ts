import { type Cell, forget, type Reader } from './cell.js'
import type { Derivation } from './derivation.js'
import { derivations } from './derivations.js'
import { type IndexName, type IndexValue, indexes } from './index-definitions.js'
import type { Reads } from './reads.js'
import type { Change, TableName, Tables } from './rows.js'
import { Index, Table } from './table.js'

/** What a transaction did: the rows that really changed, derived ones included, and who had read what changed. */
export interface Commit {
  readonly changes: readonly Change[]
  readonly readers: ReadonlySet<Reader>
}

type TableSet = { readonly [T in TableName]: Table<T> }
type IndexSet = { readonly [I in IndexName]: Index<(typeof indexes)[I]['table']> }

/** One derivation applied to one row; remembers what it read and which rows it made. */
class Derived implements Reader {
  readonly cells: Cell[] = []
  rows: ReadonlySet<string> = new Set()

  constructor(
    readonly derivation: Derivation,
    readonly id: string,
  ) {}
}

/**
 * The model: tables of rows, changed only by transactions. Derived rows follow within the same transaction, so nobody
 * ever sees one half of a change.
 */
export class Model {
  readonly #tables: TableSet = {
    cluster: new Table(),
    host: new Table(),
    tenant: new Table(),
    network: new Table(),
    workload: new Table(),
    gateway: new Table(),
    egress: new Table(),
    floatingIp: new Table(),
    portForward: new Table(),
    peering: new Table(),
    route: new Table(),
    policy: new Table(),
    addressGroup: new Table(),
    bandwidth: new Table(),
    mirror: new Table(),
    port: new Table(),
    bridge: new Table(),
    outerBridge: new Table(),
    neighbour: new Table(),
    station: new Table(),
    silence: new Table(),
    succession: new Table(),
    session: new Table(),
    holding: new Table(),
    carrier: new Table(),
    settled: new Table(),
    placement: new Table(),
    segment: new Table(),
    wire: new Table(),
    rule: new Table(),
    prefix: new Table(),
    share: new Table(),
    tap: new Table(),
    outlet: new Table(),
    exit: new Table(),
    outsideAddress: new Table(),
  }
  readonly #indexes: IndexSet
  readonly #derived = new Map<string, Derived>()
  #changes: Change[] = []
  #readers = new Set<Reader>()

  constructor() {
    const add = <T extends TableName>(index: Index<T>): Index<T> => {
      this.#tables[index.definition.table].indexes.push(index)
      return index
    }
    this.#indexes = mapIndexes(add)
  }

  get<T extends TableName>(table: T, id: string): Tables[T] | undefined {
    return this.#tables[table].get(id)
  }

  rows<T extends TableName>(table: T): Generator<Tables[T]> {
    return this.#tables[table].rows()
  }

  by<I extends IndexName>(index: I, key: string): readonly IndexValue<I>[] {
    return this.#indexes[index].values(key) as readonly IndexValue<I>[]
  }

  /** Reads on behalf of `reader`: what it read before is forgotten, what it reads now is noted. */
  readsOf(reader: Reader): Reads {
    forget(reader)
    return {
      get: (table, id) => {
        const cell = this.#tables[table].cell(id)
        cell.readBy(reader)
        return cell.row
      },
      by: (index, key) => {
        const bucket = this.#indexes[index].bucket(key)
        bucket.readBy(reader)
        return bucket.values as readonly IndexValue<typeof index>[]
      },
    }
  }

  /** Applies a transaction and everything that is derived from it. */
  commit(changes: Iterable<Change>): Commit {
    for (const change of changes) this.#set(change)
    for (const derivation of derivations) this.#derive(derivation)
    const commit = { changes: this.#changes, readers: this.#readers }
    this.#changes = []
    this.#readers = new Set()
    return commit
  }

  #set<T extends TableName>(change: Change<T>): void {
    const table: T = change.table
    const changed = this.#tables[table].set(change.id, change.row, (cell) => {
      for (const reader of cell.readers) this.#readers.add(reader)
    })
    if (changed) this.#changes.push(change as Change)
  }

  /** Runs one derivation where its own row or something that it read has changed. */
  #derive(derivation: Derivation): void {
    const due = new Set<Derived>()
    for (const { table, id } of this.#changes)
      if (table === derivation.from) due.add(this.#derivedOf(derivation, id))
    for (const reader of this.#readers)
      if (reader instanceof Derived && reader.derivation === derivation) {
        due.add(reader)
        this.#readers.delete(reader)
      }
    for (const derived of due) this.#rederive(derived)
  }

  #derivedOf(derivation: Derivation, id: string): Derived {
    const key = keyOf(derivation, id)
    let derived = this.#derived.get(key)
    if (!derived) {
      derived = new Derived(derivation, id)
      this.#derived.set(key, derived)
    }
    return derived
  }

  #rederive(derived: Derived): void {
    const { derivation, id } = derived
    const made = derivation.derive(id, this.readsOf(derived))
    const before = derived.rows
    derived.rows = new Set(made.map((change) => change.id))
    for (const change of made) this.#set(change)
    for (const gone of before) if (!derived.rows.has(gone)) this.#set({ table: derivation.into, id: gone })
    if (!this.#tables[derivation.from].get(id)) {
      forget(derived)
      this.#derived.delete(keyOf(derivation, id))
    }
  }
}

function keyOf({ from, into }: Derivation, id: string): string {
  return `${from}>${into}:${id}`
}

function mapIndexes(add: <T extends TableName>(index: Index<T>) => Index<T>): IndexSet {
  return Object.fromEntries(
    Object.entries(indexes).map(([name, definition]) => [name, add(new Index<TableName>(definition))]),
  ) as IndexSet
}
