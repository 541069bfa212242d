import { BehaviorSubject, type Observable, Subject } from 'rxjs'
import { type Backoff, backoffMs } from './backoff.js'
import { checkSchema } from './check-schema.js'
import {
  type ConnectOptions,
  connect,
  type LocalAddress,
  type OvsdbClient,
  type TransactOptions,
} from './client.js'
import type { Tables } from './column.js'
import { type Endpoint, parseEndpoint } from './endpoint.js'
import { ConnectionError } from './errors.js'
import type { Json } from './json.js'
import { type Monitor, startMonitor } from './monitor.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { type Change, Replica, type ReplicaView } from './replica.js'
import { systemTimer } from './timer.js'
import { Transaction } from './transaction.js'
import { type Condition, encodeWhere } from './where.js'

/** Which rows of which tables are wanted; a table left out is wanted whole. */
export type Conditions<T extends Tables> = { readonly [N in keyof T & string]?: readonly Condition<T[N]>[] }

export interface SessionOptions<T extends Tables> extends Omit<ConnectOptions, 'signal'> {
  readonly endpoint: string | Endpoint
  readonly database: string
  /** The tables and columns to hold a copy of, and to write. Checked against the server's schema. */
  readonly tables: T
  readonly conditions?: Conditions<T> | undefined
  readonly backoff?: Partial<Backoff> | undefined
  /** A number in [0, 1); default Math.random. */
  readonly random?: (() => number) | undefined
}

/** `connected` comes when the replica is complete; `retryInMs` is absent when the session was closed. */
export type SessionState =
  | { readonly status: 'connecting' }
  | { readonly status: 'connected'; readonly localAddress: LocalAddress | undefined }
  | { readonly status: 'disconnected'; readonly reason: Error; readonly retryInMs?: number }

/** A lasting connection to one database: a copy of it that is kept up to date, and transactions. */
export class OvsdbSession<T extends Tables> {
  /** The copy. It stays as it was while the connection is down. */
  readonly replica: ReplicaView<T>
  /** The present state, then every new one. Completes when the session is closed. */
  readonly states: Observable<SessionState>
  /** Every change of the replica, in order; after a reconnection only what differs. Completes with the session. */
  readonly changes: Observable<readonly Change<T>[]>

  readonly #options: SessionOptions<T>
  readonly #endpoint: Endpoint
  readonly #replica: Replica<T>
  readonly #states = new BehaviorSubject<SessionState>({ status: 'connecting' })
  readonly #changes = new Subject<readonly Change<T>[]>()
  readonly #closing = new AbortController()
  readonly #ended: Promise<void>
  #conditions: Conditions<T>
  #connection: { readonly client: OvsdbClient; readonly monitor: Monitor } | undefined

  /** @throws EndpointError */
  constructor(options: SessionOptions<T>) {
    const { endpoint, tables, conditions = {} } = options
    this.#options = options
    this.#endpoint = typeof endpoint === 'string' ? parseEndpoint(endpoint) : endpoint
    this.#conditions = conditions
    this.#replica = new Replica(tables, (changes) => this.#changes.next(changes))
    this.replica = this.#replica
    this.states = this.#states.asObservable()
    this.changes = this.#changes.asObservable()
    this.#ended = this.#run()
  }

  /** The present state. */
  get state(): SessionState {
    return this.#states.value
  }

  /**
   * Runs one transaction. `build` adds the operations and may return handles of them; the promise resolves to the same
   * structure with results in their place. The replica then has the change already.
   * @throws ValueError, OperationError, CommitError: nothing was applied.
   * ConnectionError, TimeoutError, CanceledError: see `mayHaveBeenApplied`. RequestError, ProtocolError. (Rejections.)
   */
  async transact<R>(build: (tx: Transaction<T>) => R, options?: TransactOptions): Promise<Outcome<R>> {
    const transaction = new Transaction(this.#options.tables)
    const handles = build(transaction)
    const { client } = this.#connected()
    const results = await client.transact(this.#options.database, transaction.operations, options)
    return outcomeOf(handles, results)
  }

  /**
   * Wants other rows from now on, also after a reconnection; tables left out keep their conditions. When the promise
   * resolves the replica has them.
   * @throws ValueError, ConnectionError, RequestError when the server knows no conditions (rejections)
   */
  async changeConditions(conditions: Conditions<T>): Promise<void> {
    const { monitor } = this.#connected()
    await monitor.changeConditions(this.#encodeConditions(conditions))
    this.#conditions = { ...this.#conditions, ...conditions }
  }

  /** Ends the session and its connection. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    const { random = Math.random } = this.#options
    const backoff: Backoff = { minMs: 250, maxMs: 30_000, ...this.#options.backoff }
    for (let failures = 0; !signal.aborted; failures++) {
      this.#states.next({ status: 'connecting' })
      const connected = () => {
        failures = 0
      }
      const reason = await this.#serve(connected)
      if (signal.aborted) break
      const retryInMs = backoffMs(backoff, failures, random)
      this.#states.next({ status: 'disconnected', reason, retryInMs })
      await this.#pause(retryInMs)
    }
    this.#states.next({ status: 'disconnected', reason: new ConnectionError('the session was closed') })
    this.#states.complete()
    this.#changes.complete()
  }

  /** One connection from beginning to end; resolves to the reason of the end. */
  async #serve(onConnected: () => void): Promise<Error> {
    const { signal } = this.#closing
    let client: OvsdbClient | undefined
    const abort = () => client?.close(new ConnectionError('the session was closed'))
    signal.addEventListener('abort', abort)
    try {
      client = await connect(this.#endpoint, { ...this.#options, signal })
      signal.throwIfAborted()
      const monitor = await this.#monitor(client)
      this.#connection = { client, monitor }
      onConnected()
      this.#states.next({ status: 'connected', localAddress: client.localAddress })
      const reason = await client.closed
      if (!monitor.settled) this.#replica.forgetTransaction()
      return reason
    } catch (error) {
      const reason = error instanceof Error ? error : new ConnectionError(String(error), { cause: error })
      client?.close(reason)
      return reason
    } finally {
      signal.removeEventListener('abort', abort)
      this.#connection = undefined
    }
  }

  async #monitor(client: OvsdbClient): Promise<Monitor> {
    const { database, tables } = this.#options
    const schema = await client.schema(database)
    checkSchema(tables, schema)
    this.#replica.bind(schema)
    const where = this.#encodeConditions(this.#conditions)
    const monitored = Object.entries(tables).map(([table, columns]) => [
      table,
      { columns: Object.keys(columns), where: where[table] },
    ])
    const since = this.#replica.lastTransaction
    const options = { database, id: database, tables: Object.fromEntries(monitored), since }
    return startMonitor(client, options, this.#replica)
  }

  #connected(): { readonly client: OvsdbClient; readonly monitor: Monitor } {
    if (this.#connection) return this.#connection
    const { state } = this
    throw new ConnectionError('not connected', state.status === 'disconnected' ? { cause: state.reason } : {})
  }

  #encodeConditions(conditions: Conditions<T>): { [table: string]: readonly Json[] } {
    const encoded: { [table: string]: readonly Json[] } = {}
    const { tables } = this.#options
    for (const table in tables) {
      const columns = tables[table]
      const where = conditions[table]
      if (columns && where) encoded[table] = encodeWhere(columns, where)
    }
    return encoded
  }

  #pause(delayMs: number): Promise<void> {
    const { timer = systemTimer } = this.#options
    const { signal } = this.#closing
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = timer(delayMs, end)
      signal.addEventListener('abort', end)
    })
  }
}

/**
 * Opens a session; it connects, and connects again, until it is closed.
 * @throws EndpointError
 */
export function openSession<const T extends Tables>(options: SessionOptions<T>): OvsdbSession<T> {
  return new OvsdbSession(options)
}
