import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { dial, type TlsOptions } from './dial.js'
import { type Endpoint, parseEndpoint } from './endpoint.js'
import { CanceledError, ConnectionError, ProtocolError, RequestError } from './errors.js'
import { isArray, isObject, type Json } from './json.js'
import { JsonRpc } from './json-rpc.js'
import { showJson } from './json-value.js'
import { type Operation, type OperationResult, readResults } from './operation.js'
import { type DatabaseSchema, parseSchema } from './schema.js'
import { systemTimer, type Timer } from './timer.js'
import { isUuid, type Uuid } from './uuid.js'

/** How a connection is kept. */
export interface ClientOptions {
  /** Silence after which the server is probed, and after which again it is given up. Default 5000; 0: never. */
  readonly probeIntervalMs?: number | undefined
  /** The longest message accepted. Default 256 MiB. */
  readonly maxTextBytes?: number | undefined
  readonly timer?: Timer | undefined
}

/** How a connection is made and kept. */
export interface ConnectOptions extends ClientOptions {
  readonly tls?: TlsOptions | undefined
  /** Default 10,000. */
  readonly connectTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** When a transaction is given up. */
export interface TransactOptions {
  /** After this time the server is asked to cancel and the caller gets a TimeoutError. */
  readonly timeoutMs?: number | undefined
  /** Asks the server to cancel: CanceledError if that came in time, else the transaction's own outcome. */
  readonly signal?: AbortSignal | undefined
}

/** An IP address and port of this machine. */
export interface LocalAddress {
  readonly address: string
  readonly port: number
}

type Listener = (params: readonly Json[]) => unknown

/** A connection to an OVSDB server: the methods of RFC 7047 §4.1, values as on the wire. */
export class OvsdbClient {
  /** Settles, with the reason, when the connection has ended. */
  readonly closed: Promise<Error>
  /** This side's end of a TCP or TLS connection. */
  readonly localAddress: LocalAddress | undefined
  readonly #rpc: JsonRpc
  /** Listeners by the method of the notification and its first parameter. */
  readonly #listeners = new Map<string, Listener>()

  constructor(stream: Duplex, options: ClientOptions = {}) {
    this.localAddress = localAddressOf(stream)
    let onClose: (reason: Error) => void = () => {}
    this.closed = new Promise((resolve) => {
      onClose = resolve
    })
    this.#rpc = new JsonRpc(stream, {
      probeIntervalMs: options.probeIntervalMs ?? 5_000,
      maxTextBytes: options.maxTextBytes ?? 256 * 1024 * 1024,
      timer: options.timer ?? systemTimer,
      onNotification: (method, params) => this.#listeners.get(topic(method, params[0] ?? null))?.(params),
      onClose,
    })
  }

  /** Names of the databases (§4.1.1). */
  listDatabases(): Promise<readonly string[]> {
    return this.#rpc.request('list_dbs', [], (result) => {
      if (isArray(result) && result.every((name) => typeof name === 'string')) return result
      throw new ProtocolError('the list of databases is not an array of strings')
    })
  }

  /** Tables and column types of a database (§4.1.2). */
  schema(database: string): Promise<DatabaseSchema> {
    return this.#rpc.request('get_schema', [database], parseSchema)
  }

  /**
   * Runs operations as one transaction (§4.1.3); one result per operation, or what `read` makes of them: it runs, and
   * if it is asynchronous ends, before any later message is looked at.
   * @throws OperationError, CommitError: nothing was applied.
   * ConnectionError, TimeoutError, CanceledError: see `mayHaveBeenApplied`. RequestError, ProtocolError. (Rejections.)
   */
  transact(
    database: string,
    operations: readonly Operation[],
    options?: TransactOptions,
  ): Promise<readonly OperationResult[]>
  transact<T>(
    database: string,
    operations: readonly Operation[],
    options: TransactOptions | undefined,
    read: (results: readonly OperationResult[]) => T | Promise<T>,
  ): Promise<T>
  async transact(
    database: string,
    operations: readonly Operation[],
    options: TransactOptions = {},
    read: (results: readonly OperationResult[]) => unknown = (results) => results,
  ): Promise<unknown> {
    const { signal } = options
    if (signal?.aborted)
      throw new CanceledError('the transaction was cancelled before it was sent', { cause: signal.reason })
    try {
      return await this.#rpc.request(
        'transact',
        [database, ...operations],
        (result) => read(readResults(operations, result)),
        options,
      )
    } catch (error) {
      if (error instanceof RequestError && isNamed(error.error, 'canceled')) {
        throw new CanceledError('the transaction was cancelled', { cause: error })
      }
      throw error
    }
  }

  /** The id of the running server process, another one after each start (ovsdb-server(7), "Get Server ID"). */
  serverId(): Promise<Uuid> {
    return this.#rpc.request('get_server_id', [], (id) => {
      if (isUuid(id)) return id
      throw new ProtocolError('the id of a server is not a uuid')
    })
  }

  /**
   * With true, the server keeps this connection when a database comes, goes or is converted, and sends
   * `monitor_canceled` for the monitors that end by that (ovsdb-server(7), "Database Change Awareness").
   */
  setDbChangeAware(aware: boolean): Promise<void> {
    return this.#rpc.request('set_db_change_aware', [aware], () => {})
  }

  /**
   * Converts a database to another schema, a <database-schema> of RFC 7047 §3.2, while it is in use
   * (ovsdb-server(7), "Schema Conversion"). What the new schema lacks is lost.
   * @throws RequestError when the content does not fit it (rejection)
   */
  convert(database: string, schema: Json): Promise<void> {
    return this.#rpc.request('convert', [database, schema], () => {})
  }

  /** Any other request; `read` is called at once when the result is there. */
  request<T>(method: string, params: readonly Json[], read: (result: Json) => T | Promise<T>): Promise<T> {
    return this.#rpc.request(method, params, read)
  }

  /**
   * Listens to the notifications of a method whose first parameter is `subject`: a monitor's id, a lock's name.
   * The listener gets all the parameters. An error that it throws ends the connection; a promise that it
   * returns is awaited before any later message is looked at.
   * @returns a function that ends the listening
   */
  listen(method: string, subject: Json, listener: Listener): () => void {
    const key = topic(method, subject)
    this.#listeners.set(key, listener)
    return () => this.#listeners.delete(key)
  }

  /** Ends the connection. */
  close(reason: Error = new ConnectionError('closed by this side')): void {
    this.#rpc.close(reason)
  }
}

/**
 * Opens a connection to an endpoint.
 * @throws EndpointError, ConnectionError (rejections)
 */
export async function connect(
  endpoint: string | Endpoint,
  options: ConnectOptions = {},
): Promise<OvsdbClient> {
  const { tls, connectTimeoutMs: timeoutMs = 10_000, signal, timer = systemTimer } = options
  const parsed = typeof endpoint === 'string' ? parseEndpoint(endpoint) : endpoint
  const socket = await dial(parsed, { timeoutMs, timer, ...(tls && { tls }), ...(signal && { signal }) })
  return new OvsdbClient(socket, options)
}

/** Whether an error that the server sent has this name; it comes bare or as a member. */
export function isNamed(error: Json, name: string): boolean {
  return error === name || (isObject(error) && error.error === name)
}

function localAddressOf(stream: Duplex): LocalAddress | undefined {
  if (!(stream instanceof Socket)) return undefined
  const { localAddress: address, localPort: port } = stream
  return address === undefined || port === undefined ? undefined : { address, port }
}

function topic(method: string, subject: Json): string {
  return `${method} ${showJson(subject)}`
}
