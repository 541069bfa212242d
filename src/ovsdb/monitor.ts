import { isNamed, type OvsdbClient } from './client.js'
import { ProtocolError, RequestError } from './errors.js'
import { isArray, type Json } from './json.js'
import { isUuid, type Uuid, zeroUuid } from './uuid.js'

/** Which columns of a table, of which rows, and at which events; conditions as on the wire. */
export interface MonitorTable {
  readonly columns: readonly string[]
  /** Rows that meet at least one; default: all. */
  readonly where?: readonly Json[] | undefined
  /** Events that are not to be told are false (RFC 7047 §4.1.5, <monitor-select>). A replica needs them all. */
  readonly select?:
    | {
        readonly initial?: boolean
        readonly insert?: boolean
        readonly delete?: boolean
        readonly modify?: boolean
      }
    | undefined
}

/** What a monitor is to tell. */
export interface MonitorOptions {
  readonly database: string
  /** The monitor's id, unique on its connection. */
  readonly id: string
  readonly tables: { readonly [table: string]: MonitorTable }
  /** The last transaction that the sink has seen of this very monitor, on an earlier connection. */
  readonly since?: Uuid | undefined
}

/**
 * Where the content goes. `update` is RFC 7047's form of it, `update2` that of ovsdb-server(7). `last` is the
 * transaction that it brings the sink up to, where the server tells. No later message comes before a promise that they
 * return is fulfilled.
 */
export interface MonitorSink {
  replace(updates: Json, version: 'update' | 'update2', last?: Uuid): void | Promise<void>
  apply(updates: Json, version: 'update' | 'update2', last?: Uuid): void | Promise<void>
}

/** A running monitor, as `startMonitor` makes it. */
export class Monitor {
  #changing = 0
  #unlisten = () => {}

  constructor(
    readonly client: OvsdbClient,
    readonly id: string,
    readonly sink: MonitorSink,
  ) {}

  /** False while a change of conditions is under way: what the sink holds may then be between the two. */
  get settled(): boolean {
    return this.#changing === 0
  }

  /** Takes the reply and the notifications of `monitor` (RFC 7047 §4.1.5). */
  async plain(database: string, requests: Json): Promise<void> {
    this.#unlisten = this.client.listen('update', this.id, ([, updates = null]) =>
      this.sink.apply(updates, 'update'),
    )
    await this.client.request('monitor', [database, this.id, requests], (updates) =>
      this.sink.replace(updates, 'update'),
    )
  }

  /** Takes the reply and the notifications of `monitor_cond` (ovsdb-server(7), "Monitor_Cond"). */
  async conditional(database: string, requests: Json): Promise<void> {
    this.#unlisten = this.client.listen('update2', this.id, ([, updates = null]) =>
      this.sink.apply(updates, 'update2'),
    )
    await this.client.request('monitor_cond', [database, this.id, requests], (updates) =>
      this.sink.replace(updates, 'update2'),
    )
  }

  /** Takes the reply and the notifications of `monitor_cond_since` (ovsdb-server(7), "Monitor_Cond_Since"). */
  async since(database: string, requests: Json, last: Uuid): Promise<void> {
    this.#unlisten = this.client.listen('update3', this.id, ([, id = null, updates = null]) =>
      this.sink.apply(updates, 'update2', transactionId(id)),
    )
    await this.client.request('monitor_cond_since', [database, this.id, requests, last], (reply) => {
      if (!isArray(reply)) throw new ProtocolError('the reply to monitor_cond_since is not an array')
      const [found, id = null, updates = null] = reply
      return found === true
        ? this.sink.apply(updates, 'update2', transactionId(id))
        : this.sink.replace(updates, 'update2', transactionId(id))
    })
  }

  /**
   * Replaces the conditions of tables; the rows that come and go by that are in the sink when the promise resolves.
   * @throws RequestError when the server knows only the plain monitor (rejection)
   */
  async changeConditions(conditions: { readonly [table: string]: readonly Json[] }): Promise<void> {
    const requests = Object.entries(conditions).map(([table, where]) => [table, [{ where }]] as const)
    this.#changing++
    await this.client.request('monitor_cond_change', [this.id, this.id, Object.fromEntries(requests)], () => {
      this.#changing--
    })
  }

  /**
   * Ends the monitor (RFC 7047 §4.1.7); the sink hears no more of it.
   * @throws RequestError, ConnectionError (rejections)
   */
  async cancel(): Promise<void> {
    this.#unlisten()
    await this.client.request('monitor_cancel', [this.id], () => {})
  }
}

/**
 * Starts a monitor by the best method that the server knows: monitor_cond_since, monitor_cond, monitor. The last of
 * them has no conditions: with conditions, a server that knows no other is an error.
 * @throws RequestError, ProtocolError, ConnectionError (rejections)
 */
export async function startMonitor(
  client: OvsdbClient,
  options: MonitorOptions,
  sink: MonitorSink,
): Promise<Monitor> {
  const { database, id, tables, since = zeroUuid } = options
  const conditional = Object.values(tables).some(({ where }) => where !== undefined)
  const requests = Object.fromEntries(
    Object.entries(tables).map(([table, { columns, where, select }]) => [
      table,
      [{ columns, ...(where && { where }), ...(select && { select }) }],
    ]),
  )
  const monitor = new Monitor(client, id, sink)
  if (await isKnown(monitor.since(database, requests, since))) return monitor
  const second = monitor.conditional(database, requests)
  if (conditional) await second
  else if (!(await isKnown(second))) await monitor.plain(database, requests)
  return monitor
}

/** Waits for a request; false when the server does not know its method. */
async function isKnown(request: Promise<void>): Promise<boolean> {
  try {
    await request
    return true
  } catch (error) {
    if (error instanceof RequestError && isNamed(error.error, 'unknown method')) return false
    throw error
  }
}

function transactionId(json: Json): Uuid {
  if (isUuid(json)) return json
  throw new ProtocolError('a transaction id is not a uuid')
}
