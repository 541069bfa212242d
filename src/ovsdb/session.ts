import { BehaviorSubject, type Observable, Subject } from 'rxjs'
import { Attempts } from './attempts.js'
import type { Backoff } from './backoff.js'
import { checkSchema } from './check-schema.js'
import {
  type ConnectOptions,
  connect,
  type LocalAddress,
  type OvsdbClient,
  type TransactOptions,
} from './client.js'
import { Cluster } from './cluster.js'
import type { Tables } from './column.js'
import { type Endpoint, parseEndpoints } from './endpoint.js'
import { ConnectionError, ValueError } from './errors.js'
import type { Json } from './json.js'
import { type Monitor, startMonitor } from './monitor.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { type Change, Replica, type ReplicaView } from './replica.js'
import { watchStatus } from './server-status.js'
import { SessionLock } from './session-lock.js'
import { systemTimer } from './timer.js'
import { Transaction } from './transaction.js'
import type { Uuid } from './uuid.js'
import { type Condition, encodeWhere } from './where.js'

/**
 * Which rows of which tables are wanted: those that meet at least one condition (other than in a `where`, which wants
 * all of them met). `[false]` wants no row, `[]` every row; a table left out is wanted whole.
 */
export type Conditions<T extends Tables> = {
  readonly [N in keyof T & string]?: readonly (Condition<T[N]> | boolean)[]
}

/** Where a session connects to, what it holds a copy of, and how it comes back after a loss. */
export interface SessionOptions<T extends Tables> extends Omit<ConnectOptions, 'signal'> {
  /** One server or several with the same database: a list, or a text with commas. They are tried in turn. */
  readonly endpoint: string | Endpoint | readonly (string | Endpoint)[]
  readonly database: string
  /** The tables and columns to hold a copy of, and to write. Checked against the server's schema. */
  readonly tables: T
  readonly conditions?: Conditions<T> | undefined
  /** Of a clustered database only the leader will do. Needed for locks, which each server has of its own. */
  readonly leaderOnly?: boolean | undefined
  /** The id of the cluster that will do; default: that of the first server, from then on. */
  readonly clusterId?: Uuid | undefined
  readonly backoff?: Partial<Backoff> | undefined
  /** A number in [0, 1); default Math.random. */
  readonly random?: (() => number) | undefined
}

/** `connected` comes when the replica is complete; `retryInMs` is absent when the session was closed. */
export type SessionState =
  | { readonly status: 'connecting'; readonly endpoint: Endpoint }
  | {
      readonly status: 'connected'
      readonly endpoint: Endpoint
      readonly localAddress: LocalAddress | undefined
    }
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
  readonly #attempts: Attempts
  readonly #cluster: Cluster
  readonly #replica: Replica<T>
  readonly #locks = new Map<string, SessionLock>()
  readonly #states: BehaviorSubject<SessionState>
  readonly #changes = new Subject<readonly Change<T>[]>()
  readonly #closing = new AbortController()
  readonly #ended: Promise<void>
  #conditions: Conditions<T>
  #connection: { readonly client: OvsdbClient; readonly monitor: Monitor } | undefined

  /** @throws EndpointError */
  constructor(options: SessionOptions<T>) {
    const { endpoint, database, tables, conditions = {}, random = Math.random } = options
    const { leaderOnly = false, clusterId } = options
    this.#options = options
    const backoff: Backoff = { minMs: 250, maxMs: 30_000, ...options.backoff }
    this.#attempts = new Attempts(parseEndpoints(endpoint), backoff, random)
    this.#states = new BehaviorSubject<SessionState>(this.#connecting)
    this.#cluster = new Cluster(database, leaderOnly, clusterId)
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

  /** The id of the cluster, as soon as it is known; undefined for a database that is not clustered. */
  get clusterId(): Uuid | undefined {
    return this.#cluster.id
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
    const { database } = this.#options
    return client.transact(database, transaction.operations, options, (results) =>
      outcomeOf(handles, results),
    )
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

  /**
   * Asks for a lock, now or when there is a connection, and again after each reconnection. `steal` takes it from whoever
   * holds it, once. Locks say something only among clients of one server: with a cluster, use `leaderOnly`.
   * @throws ValueError when the session asks for that lock already, or when its name is not an <id>
   */
  lock(name: string, options: { readonly steal?: boolean } = {}): SessionLock {
    if (this.#locks.has(name)) throw new ValueError(`lock ${name} is asked for already`)
    const { steal = false } = options
    const lock = new SessionLock(name, { steal, onUnlock: () => this.#locks.delete(name) })
    this.#locks.set(name, lock)
    if (this.#connection) void lock.attach(this.#connection.client)
    return lock
  }

  /** Ends the session and its connection. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  get #connecting(): SessionState {
    return { status: 'connecting', endpoint: this.#attempts.endpoint }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      this.#states.next(this.#connecting)
      const reason = await this.#serve()
      if (signal.aborted) break
      const retryInMs = this.#attempts.failed()
      this.#states.next({ status: 'disconnected', reason, retryInMs })
      if (retryInMs > 0) await this.#pause(retryInMs)
    }
    this.#states.next({ status: 'disconnected', reason: new ConnectionError('the session was closed') })
    this.#states.complete()
    this.#changes.complete()
    for (const lock of this.#locks.values()) lock.complete()
  }

  /** One connection from beginning to end; resolves to the reason of the end. */
  async #serve(): Promise<Error> {
    const { signal } = this.#closing
    const { timer = systemTimer } = this.#options
    const { endpoint, trialMs } = this.#attempts
    let client: OvsdbClient | undefined
    let endTrial = () => {}
    const abort = () => client?.close(new ConnectionError('the session was closed'))
    signal.addEventListener('abort', abort)
    try {
      client = await connect(endpoint, { ...this.#options, signal })
      signal.throwIfAborted()
      // What the check throws, at once or later, ends the connection.
      await watchStatus(client, this.#options.database, (status) => {
        if (status) this.#cluster.check(status)
      })
      const monitor = await this.#monitor(client)
      this.#connection = { client, monitor }
      endTrial = timer(trialMs, () => this.#attempts.succeeded())
      for (const lock of this.#locks.values()) void lock.attach(client)
      this.#states.next({ status: 'connected', endpoint, localAddress: client.localAddress })
      const reason = await client.closed
      if (!monitor.settled) this.#replica.forgetTransaction()
      return reason
    } catch (error) {
      const reason = error instanceof Error ? error : new ConnectionError(String(error), { cause: error })
      client?.close(reason)
      await client?.closed
      return reason
    } finally {
      endTrial()
      signal.removeEventListener('abort', abort)
      this.#connection = undefined
      for (const lock of this.#locks.values()) lock.detach()
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
    client.listen('monitor_canceled', database, () =>
      client.close(new ConnectionError('the server ended the monitor: its database or schema is another')),
    )
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
      if (columns && where) {
        encoded[table] = where.flatMap((part): readonly Json[] =>
          typeof part === 'boolean' ? [part] : encodeWhere(columns, [part]),
        )
      }
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
