import type { Columns, Row, RowInput, Tables } from './column.js'
import { ValueError } from './errors.js'
import type { Json } from './json.js'
import { encodeValue, inColumn } from './notation.js'
import type { Operation } from './operation.js'
import { NamedUuid, type Uuid } from './uuid.js'
import { declared, encodeMutations, encodeWhere, type Mutation, type Where } from './where.js'

/** Stands for the rows that a `select` will find. */
export class Selection<R = unknown> {
  /** Only the type of the rows. */
  declare readonly row: R
  constructor(
    /** Position of the operation in its transaction. */
    readonly index: number,
    readonly columns: Columns,
  ) {}
}

/** Stands for the number of rows that an `update`, `mutate` or `delete` will reach. */
export class Affected {
  constructor(
    /** Position of the operation in its transaction. */
    readonly index: number,
  ) {}
}

/** What `wait` waits for: rows that `where` finds, reduced to `columns`, are (or are not) `rows`. */
export interface WaitOptions<C extends Columns> {
  readonly where: Where<C>
  readonly columns: readonly (keyof C & string)[]
  readonly until: '==' | '!='
  readonly rows: readonly RowInput<C>[]
  /** 0 fails at once when it does not hold. Default: as long as it takes. */
  readonly timeoutMs?: number
}

/**
 * Collects the operations of one transaction, in order (RFC 7047 §5.2). They are applied all or none. Each method
 * throws ValueError for what its columns cannot hold.
 */
export class Transaction<T extends Tables> {
  readonly #tables: T
  readonly #operations: Operation[] = []

  constructor(tables: T) {
    this.#tables = tables
  }

  /** What was collected, as it goes on the wire. */
  get operations(): readonly Operation[] {
    return this.#operations
  }

  /**
   * Adds a row. The result stands for its uuid in later operations of this transaction.
   * @param options `uuid`: the row's uuid, instead of one that the server chooses (ovsdb-server(7), "Insert")
   */
  insert<N extends keyof T & string>(
    table: N,
    row: RowInput<T[N]>,
    options: { readonly uuid?: Uuid } = {},
  ): NamedUuid {
    const index = this.#operations.length
    const name = `row${index}`
    this.#operations.push({
      op: 'insert',
      table,
      row: encodeRow(this.#columns(table), row),
      'uuid-name': name,
      ...(options.uuid !== undefined && { uuid: options.uuid }),
    })
    return new NamedUuid(name, index)
  }

  /** Reads rows, with the declared columns, as they are at this point of the transaction. */
  select<N extends keyof T & string>(table: N, where: Where<T[N]>): Selection<Row<T[N]>> {
    const columns = this.#columns(table)
    const index = this.#operations.length
    const names = ['_uuid', ...Object.keys(columns)]
    this.#operations.push({ op: 'select', table, where: encodeWhere(columns, where), columns: names })
    return new Selection(index, columns)
  }

  /** Overwrites columns of rows. */
  update<N extends keyof T & string>(table: N, where: Where<T[N]>, row: RowInput<T[N]>): Affected {
    const columns = this.#columns(table)
    return this.#push({
      op: 'update',
      table,
      where: encodeWhere(columns, where),
      row: encodeRow(columns, row),
    })
  }

  /** Changes columns of rows relative to what they hold, for example adds members to a set. */
  mutate<N extends keyof T & string>(
    table: N,
    where: Where<T[N]>,
    mutations: readonly Mutation<T[N]>[],
  ): Affected {
    const columns = this.#columns(table)
    return this.#push({
      op: 'mutate',
      table,
      where: encodeWhere(columns, where),
      mutations: encodeMutations(columns, mutations),
    })
  }

  /** Removes rows. A row of a table that is no root goes by itself with the last reference to it. */
  delete<N extends keyof T & string>(table: N, where: Where<T[N]>): Affected {
    return this.#push({ op: 'delete', table, where: encodeWhere(this.#columns(table), where) })
  }

  /** Holds the transaction until rows are, or are no more, the given ones; "timed out" is an OperationError. */
  wait<N extends keyof T & string>(table: N, options: WaitOptions<T[N]>): void {
    const columns = this.#columns(table)
    const { timeoutMs } = options
    this.#push({
      op: 'wait',
      table,
      where: encodeWhere(columns, options.where),
      columns: options.columns,
      until: options.until,
      rows: options.rows.map((row) => encodeRow(columns, row)),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    })
  }

  /** Asks that the reply waits until the change is on disk. */
  commit(options: { readonly durable: boolean }): void {
    this.#push({ op: 'commit', durable: options.durable })
  }

  /** Makes the transaction fail, with OperationError "aborted". */
  abort(): void {
    this.#push({ op: 'abort' })
  }

  /** Leaves a text in the server's log. */
  comment(comment: string): void {
    this.#push({ op: 'comment', comment })
  }

  /** Makes the transaction fail, with OperationError "not owner", unless this connection holds the lock. */
  assert(lock: string): void {
    this.#push({ op: 'assert', lock })
  }

  #push(operation: Operation): Affected {
    this.#operations.push(operation)
    return new Affected(this.#operations.length - 1)
  }

  #columns<N extends keyof T & string>(table: N): T[N] {
    if (!Object.hasOwn(this.#tables, table)) throw new ValueError(`table ${table} is not declared`)
    return this.#tables[table]
  }
}

function encodeRow(columns: Columns, row: { readonly [name: string]: unknown }): { [column: string]: Json } {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      inColumn(name, () => encodeValue(declared(columns, name), value)),
    ]),
  )
}
