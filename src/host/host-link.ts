import { isIPv6 } from 'node:net'
import type { Logger } from 'pino'
import { removal } from '../model/removal.js'
import type { Change, HostRow } from '../model/rows.js'
import {
  openSession,
  type SessionState,
  type TlsOptions,
  type Transaction,
  type Uuid,
} from '../ovsdb/index.js'
import { type Answer, answerSteps, askingOf } from './answers.js'
import { observe } from './observe.js'
import type { HostPlan } from './plan.js'
import { missingBridges, reconcile } from './reconcile.js'
import { type HostSession, type HostTables, tables } from './schema.js'

export interface HostLinkOptions {
  /**
   * What the database should say, undefined for a host that is none any more; `ownAddress` is the controller's end of
   * the connection, as a switch would dial it.
   */
  readonly plan: (ownAddress: string | undefined) => HostPlan | undefined
  /** What an interface that asks is told. */
  readonly answer: Answer
  /** Takes what the host reports, as changes of the model. */
  readonly onChanges: (changes: readonly Change[]) => void
  /** Called whenever {@link HostLink.state} or {@link HostLink.faults} may have changed. */
  readonly onState: () => void
  /** For a database at `ssl:`. */
  readonly tls?: TlsOptions
  readonly log: Logger
}

/** The fault of a host that has no bridge of this name. */
export function noBridge(name: string): string {
  return `bridge ${name} does not exist`
}

type Step = (tx: Transaction<HostTables>) => void

/** How long a transaction that failed is left alone. */
const retryMs = 1000

/**
 * One host's database: makes it say what the plan says, and reports ports and where they are. What was reported stays
 * when the connection is lost: forwarding goes on there too.
 */
export class HostLink {
  readonly session: HostSession
  /** What was reported, as the changes that would take it back. */
  #reported: ReadonlyMap<string, Change>
  #faults: readonly string[] = []
  /** The interfaces that ask what they were given, by iface-id, as the database was last seen. */
  #asking: ReadonlyMap<string, readonly Uuid[]> = new Map()
  #writing = false
  #retry: NodeJS.Timeout | undefined

  /** @param known removals of the rows that the model has of this host already, from before a restart */
  constructor(
    readonly host: Pick<HostRow, 'id' | 'ovsdb'>,
    known: Iterable<Change>,
    readonly options: HostLinkOptions,
  ) {
    this.#reported = new Map(Array.from(known, (change) => [`${change.table} ${change.id}`, change]))
    this.session = openSession({
      endpoint: host.ovsdb,
      database: 'Open_vSwitch',
      tables,
      ...(options.tls && { tls: options.tls }),
      backoff: { minMs: 100, maxMs: 2000 },
    })
    this.session.states.subscribe((state) => this.#onState(state))
    this.session.changes.subscribe(() => {
      if (this.session.state.status === 'connected') this.refresh()
    })
  }

  get state(): SessionState {
    return this.session.state
  }

  /** What is wrong with the host, in words. */
  get faults(): readonly string[] {
    return this.#faults
  }

  /** Brings database and model in step: after a change of the plan, of the database, or of the connection. */
  refresh(): void {
    const { state, replica } = this.session
    if (state.status !== 'connected') return
    const plan = this.#plan()
    if (!plan) return
    const { bridge, ports, sessions, holdings, carriers, outerBridges, faults } = observe(
      this.host.id,
      replica,
      plan,
    )
    const missing = missingBridges(replica, plan).map(noBridge)
    this.#faults = [...missing, ...faults]
    const reports: readonly Change[] = [
      ...ports.map((row): Change => ({ table: 'port', id: row.id, row })),
      ...sessions.map((row): Change => ({ table: 'session', id: row.id, row })),
      ...holdings.map((row): Change => ({ table: 'holding', id: row.id, row })),
      ...carriers.map((row): Change => ({ table: 'carrier', id: row.id, row })),
      ...outerBridges.map((row): Change => ({ table: 'outerBridge', id: row.id, row })),
    ]
    const before = this.#reported
    this.#reported = new Map(reports.map((change) => [`${change.table} ${change.id}`, removal(change)]))
    const gone = [...before].flatMap(([key, change]) => (this.#reported.has(key) ? [] : change))
    this.options.onChanges([{ table: 'bridge', id: bridge.id, row: bridge }, ...reports, ...gone])
    this.options.onState()
    this.#asking = askingOf(replica, plan.bridge)
    void this.#write([...reconcile(replica, plan), ...this.#answers([...this.#asking.keys()])])
  }

  /** Tells interfaces with these iface-ids what they were given, those that ask: after a change of that. */
  answer(ifaces: Iterable<string>): void {
    if (this.session.state.status === 'connected') void this.#write([...this.#answers(ifaces)])
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry)
    await this.session.close()
  }

  #onState(state: SessionState): void {
    const { log } = this.options
    if (state.status === 'connected') {
      log.info({ host: this.host.id, ovsdb: this.host.ovsdb }, 'database connected')
      this.refresh()
    } else if (state.status === 'disconnected' && state.retryInMs !== undefined) {
      log.warn(
        { host: this.host.id, ovsdb: this.host.ovsdb, reason: state.reason.message },
        'database not connected',
      )
    }
    this.options.onState()
  }

  #plan(): HostPlan | undefined {
    const { state } = this.session
    const own = state.status === 'connected' ? state.localAddress?.address : undefined
    return this.options.plan(own === undefined ? undefined : isIPv6(own) ? `[${own}]` : own)
  }

  #answers(ifaces: Iterable<string>): Iterable<Step> {
    if (this.#asking.size === 0) return []
    const asking = Array.from(ifaces, (iface) => this.#asking.get(iface) ?? [])
    return answerSteps(this.session.replica, asking.flat(), this.options.answer)
  }

  /** While one transaction is under way nothing more is sent: after it everything is looked at anew. */
  async #write(steps: readonly Step[]): Promise<void> {
    if (this.#writing || steps.length === 0) return
    this.#writing = true
    clearTimeout(this.#retry)
    let failed = true
    try {
      await this.session.transact((tx) => {
        for (const step of steps) step(tx)
      })
      failed = false
      this.options.log.info({ host: this.host.id, steps: steps.length }, 'database brought in step')
    } catch (error) {
      this.options.log.error({ host: this.host.id, err: error }, 'database could not be brought in step')
      this.#retry = setTimeout(() => this.refresh(), retryMs)
    } finally {
      this.#writing = false
    }
    if (!failed) this.refresh()
  }
}
