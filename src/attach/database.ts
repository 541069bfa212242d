import { filter, firstValueFrom, fromEvent, merge, NEVER, skip, takeUntil, timer } from 'rxjs'
import {
  column,
  EndpointError,
  type OvsdbSession,
  openSession,
  parseEndpoint,
  type Row,
  type Transaction,
  type Uuid,
} from '../ovsdb/index.js'
import { AttachError } from './error.js'
import { lockName } from './names.js'

const tables = {
  Open_vSwitch: {
    ovs_version: column.optional('string'),
    next_cfg: column.integer,
    cur_cfg: column.integer,
  },
  Bridge: { name: column.string, ports: column.set('uuid'), datapath_type: column.string },
  Port: { name: column.string, interfaces: column.set('uuid') },
  Interface: {
    name: column.string,
    type: column.string,
    ofport: column.optional('integer'),
    error: column.optional('string'),
    external_ids: column.map('string', 'string'),
  },
} as const

export type HostTransaction = Transaction<typeof tables>
export type BridgeRow = Row<(typeof tables)['Bridge']>
export type InterfaceRow = Row<(typeof tables)['Interface']>

/** A port of one interface, and the bridge that it is on. */
export interface HostPort {
  readonly uuid: Uuid
  readonly bridge: BridgeRow
  readonly interface: InterfaceRow
}

/** Where a host's own programs find its database. */
export const localDatabase = (env: Readonly<Record<string, string | undefined>>): string =>
  `unix:${env.OVS_RUNDIR ?? '/var/run/openvswitch'}/db.sock`

/** Whether the text is an address of a database that can be dialled. */
export function isEndpoint(text: string): boolean {
  try {
    parseEndpoint(text)
    return true
  } catch (error) {
    if (error instanceof EndpointError) return false
    throw error
  }
}

/** A host's database as attach and detach see it. */
export class Database {
  readonly #session: OvsdbSession<typeof tables>

  private constructor(readonly endpoint: string) {
    this.#session = openSession({
      endpoint,
      database: 'Open_vSwitch',
      tables,
      backoff: { minMs: 50, maxMs: 200 },
    })
  }

  /** Throws AttachError `database` where no connection stands after `timeoutMs`; EndpointError. */
  static async open(endpoint: string, timeoutMs: number): Promise<Database> {
    const database = new Database(endpoint)
    try {
      await database.connected(timeoutMs)
      return database
    } catch (error) {
      await database.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  /** Waits until the connection stands (again). Throws AttachError `database`. */
  async connected(timeoutMs: number): Promise<void> {
    let reason: Error | undefined
    const subscription = this.#session.states.subscribe((state) => {
      if (state.status === 'disconnected') reason = state.reason
    })
    const standing = this.#session.states.pipe(
      filter(({ status }) => status === 'connected'),
      takeUntil(timer(timeoutMs)),
    )
    const state = await firstValueFrom(standing, { defaultValue: undefined })
    subscription.unsubscribe()
    if (state) return
    const why = reason?.message ?? `no answer within ${timeoutMs} ms`
    throw new AttachError('database', `the host's database ${this.endpoint} cannot be used: ${why}`, {
      cause: reason,
    })
  }

  /**
   * Runs one transaction; see `OvsdbSession.transact`. Throws AttachError `database`, whose cause may say
   * `mayHaveBeenApplied`.
   */
  async transact<R>(build: (tx: HostTransaction) => R) {
    try {
      return await this.#session.transact(build, { timeoutMs: 10_000 })
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new AttachError('database', `the host's database ${this.endpoint}: ${why}`, { cause })
    }
  }

  /**
   * The first thing that `look` finds, now or after a change of the database; undefined when `timeoutMs` are over. Throws
   * what `look` throws, AttachError `database` when the connection ends, and the signal's reason.
   */
  async until<R>(look: () => R | undefined, timeoutMs: number, signal?: AbortSignal): Promise<R | undefined> {
    const end = performance.now() + timeoutMs
    for (;;) {
      signal?.throwIfAborted()
      const found = look()
      if (found !== undefined) return found
      const left = end - performance.now()
      if (left <= 0) return undefined
      const { state } = this.#session
      if (state.status !== 'connected')
        throw new AttachError('database', `the host's database ${this.endpoint} has gone`, {
          cause: state.status === 'disconnected' ? state.reason : undefined,
        })
      const stopped = signal ? fromEvent(signal, 'abort') : NEVER
      const pulse = merge(this.#session.changes, this.#session.states.pipe(skip(1)), stopped, timer(left))
      await firstValueFrom(pulse)
    }
  }

  /** The version of Open vSwitch, where it has ever run. */
  get version(): string | undefined {
    return this.#root?.ovs_version
  }

  /**
   * Waits until ovs-vswitchd has taken in everything that the database says now. Throws AttachError `timeout` where it
   * does not within `timeoutMs`.
   */
  async realised(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    await this.transact((tx) => tx.mutate('Open_vSwitch', [], [['next_cfg', '+=', 1]]))
    const wanted = this.#root?.next_cfg ?? 0
    const look = () => ((this.#root?.cur_cfg ?? 0) >= wanted ? true : undefined)
    if (!(await this.until(look, timeoutMs, signal)))
      throw new AttachError('timeout', `ovs-vswitchd has not looked at its database for ${timeoutMs} ms`)
  }

  get #root() {
    return this.#session.replica.table('Open_vSwitch').rows().next().value
  }

  bridge(name: string): BridgeRow | undefined {
    return this.bridges().find((bridge) => bridge.name === name)
  }

  bridges(): readonly BridgeRow[] {
    return [...this.#session.replica.table('Bridge').rows()]
  }

  /** Every port of every bridge. A bond counts once for each of its interfaces. */
  ports(): readonly HostPort[] {
    const { replica } = this.#session
    return this.bridges().flatMap((bridge) =>
      [...bridge.ports].flatMap((uuid) =>
        [...(replica.table('Port').get(uuid)?.interfaces ?? [])].flatMap((id) => {
          const row = replica.table('Interface').get(id)
          return row === undefined ? [] : [{ uuid, bridge, interface: row }]
        }),
      ),
    )
  }

  /**
   * Runs `work` while no other command on this host works on the same interface. The lock ends with the connection, so
   * nothing is left behind by one that is killed. Throws AttachError `busy`.
   */
  async alone<R>(interfaceId: string, timeoutMs: number, work: () => Promise<R>): Promise<R> {
    const lock = this.#session.lock(lockName(interfaceId))
    try {
      const held = lock.states.pipe(
        filter((each) => each),
        takeUntil(timer(timeoutMs)),
      )
      if (!(await firstValueFrom(held, { defaultValue: false })))
        throw new AttachError(
          'busy',
          `another command has been working on ${interfaceId} for ${timeoutMs} ms`,
        )
      return await work()
    } finally {
      if (this.#session.state.status === 'connected') await lock.unlock()
    }
  }
}
