import { type Cell, type Reader, remember } from './cell.js'
import { derivations } from './derivations.js'
import { Derived, Deriver } from './deriver.js'
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

/** Reads of one run, and the cells that they were of. */
class TrackedReads implements Reads {
  readonly cells: Cell[] = []

  constructor(
    readonly tables: TableSet,
    readonly indexes: IndexSet,
  ) {}

  get<T extends TableName>(table: T, id: string): Tables[T] | undefined {
    const cell = this.tables[table].cells.at(id)
    this.cells.push(cell)
    return cell.row
  }

  by<I extends IndexName>(index: I, key: string): readonly IndexValue<I>[] {
    const bucket = this.indexes[index].buckets.at(key)
    this.cells.push(bucket)
    return bucket.values as readonly IndexValue<I>[]
  }
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
    service: new Table(),
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
    backend: new Table(),
    outlet: new Table(),
    exit: new Table(),
    outsideAddress: new Table(),
    translation: new Table(),
    publishedPort: new Table(),
  }
  readonly #indexes: IndexSet
  /** In the order in which they may build on each other. */
  readonly #derivers = derivations.map((derivation) => new Deriver(derivation))
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

  /** The keys of an index that have several values. */
  crowded(index: IndexName): Iterable<string> {
    return this.#indexes[index].crowded
  }

  /** Runs a function on behalf of `reader`: what it read before is forgotten, what it reads now is noted. */
  track<T>(reader: Reader, run: (reads: Reads) => T): T {
    const reads = new TrackedReads(this.#tables, this.#indexes)
    try {
      return run(reads)
    } finally {
      remember(reader, reads.cells)
    }
  }

  /** Applies a transaction and everything that is derived from it. */
  commit(changes: Iterable<Change>): Commit {
    for (const table of Object.values(this.#tables)) table.sweep()
    for (const change of changes) this.#set(change)
    for (const deriver of this.#derivers) this.#derive(deriver)
    const commit = { changes: this.#changes, readers: this.#readers }
    this.#changes = []
    this.#readers = new Set()
    return commit
  }

  #set<T extends TableName>(change: Change<T>): void {
    const table: T = change.table
    const { id, row } = change
    if (!this.#tables[table].set(id, row, this.#tell)) return
    this.#changes.push(change as Change)
    for (const deriver of this.#derivers) if (deriver.derivation.from === table) deriver.follow(id)
  }

  #derive(deriver: Deriver): void {
    for (const derived of deriver.due) {
      deriver.due.delete(derived)
      const { derive } = deriver.derivation
      const made = this.track(derived, (reads) => derive(derived.id, reads, derived.made))
      for (const change of deriver.replace(derived, made)) this.#set(change)
      if (!this.#tables[deriver.derivation.from].get(derived.id)) deriver.drop(derived)
    }
  }

  /** Whoever has read a cell is to run again: what derives rows within this transaction, everybody else after it. */
  readonly #tell = (cell: Cell): void => {
    for (const reader of cell.readers)
      if (reader instanceof Derived) reader.deriver.due.add(reader)
      else this.#readers.add(reader)
  }
}

function mapIndexes(add: <T extends TableName>(index: Index<T>) => Index<T>): IndexSet {
  return Object.fromEntries(
    Object.entries(indexes).map(([name, definition]) => [name, add(new Index<TableName>(definition))]),
  ) as IndexSet
}
