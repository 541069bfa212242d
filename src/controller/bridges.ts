import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import { defer, from, map, merge, mergeMap, type Observable, Subject } from 'rxjs'
import type { Repair } from '../api/contract.js'
import { BridgeSync, type Drift } from '../datapath/bridge-sync.js'
import type { OpenFlowSwitch } from '../datapath/openflow-switch.js'
import {
  BundleError,
  ConnectionClosed,
  type FieldName,
  type Match,
  type OpenFlowConnection,
} from '../openflow/index.js'
import { isOurs } from '../pipeline/cookie.js'
import type { Engine } from '../pipeline/engine.js'
import type { Table } from '../pipeline/table.js'
import type { Loop } from './loop.js'

/** How long bringing bridges in step may hold the event loop. */
const sliceMs = 10

export interface BridgesOptions {
  readonly loop: Loop
  readonly engine: Engine
  /** The id of the bridge with a datapath id: for bridges of ours that is their host's. */
  readonly identify: (datapathId: string) => string | undefined
  readonly connect: (connection: OpenFlowConnection) => OpenFlowSwitch
  /** Tables that are ours as a whole; elsewhere only what we have written. */
  readonly tables: readonly Table[]
  /** Resolves when a switch may be changed: not before what is known of the hosts is whole. */
  readonly ready: () => Promise<void>
  /** False while a file cannot be read that has never been read: then nothing unknown is removed. */
  readonly mayRemoveUnknown: () => boolean
  readonly onPacketIn: (host: string, packetIn: PacketIn) => void
  readonly describe: (drift: Drift) => Repair
  /** Called when a switch that has connected is as it should be for the first time. */
  readonly onReady: (host: string) => void
  /** Called whenever a switch has acknowledged what it should be. */
  readonly onSettled: (host: string) => void
  readonly onState: () => void
  readonly log: Logger
}

/** A packet that a switch sent because a flow says so. */
export interface PacketIn {
  /** What the flow says with it; the first byte is its reason. */
  readonly userdata: Uint8Array
  readonly packet: Buffer
  /** Port, registers and what else belongs to the packet and is not in it; zeros are left out. */
  readonly fields: Match
}

/** A number of a packet-in; a field that a switch leaves out is zero. */
export function numberIn(fields: Match, name: FieldName): number {
  const value = fields[name]
  return typeof value === 'number' ? value : 0
}

/** One connected switch, and what keeps it right. */
export interface Bridge {
  readonly host: string
  readonly connection: OpenFlowConnection
  readonly device: OpenFlowSwitch
  readonly sync: BridgeSync
}

/** A change of a switch's flows, whoever made it. */
export interface FlowChange {
  readonly host: string
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What is told of a host's switch beyond the present connection. */
export interface BridgeRecord {
  flowMods: number
  repaired: number
  revision: number
  flows: number
  lastRepair?: Repair
  /** What the switch would not do, in words; absent once it is as it should be. */
  refusal?: string
}

/** The switches that are connected, by host, each kept in step with the engine. */
export class Bridges {
  readonly #bridges = new Map<string, Bridge>()
  readonly #records = new Map<string, BridgeRecord>()
  readonly #connected = new Subject<Bridge>()
  readonly #tables: ReadonlySet<number>
  readonly #strangers = new Set<string>()
  #packetIns = 0

  constructor(readonly options: BridgesOptions) {
    this.#tables = new Set(options.tables.map(({ number }) => number))
    options.loop.settled.subscribe(() => void this.#updateAll())
  }

  /** Every change of every switch's flows. Who does not listen costs nothing. */
  get changes(): Observable<FlowChange> {
    const bridges = defer(() => merge(from([...this.#bridges.values()]), this.#connected))
    return bridges.pipe(
      mergeMap(({ host, sync }) => sync.changes.pipe(map((change) => ({ host, ...change })))),
    )
  }

  get packetIns(): number {
    return this.#packetIns
  }

  get(host: string): Bridge | undefined {
    return this.#bridges.get(host)
  }

  record(host: string): BridgeRecord {
    let record = this.#records.get(host)
    if (!record) {
      record = { flowMods: 0, repaired: 0, revision: 0, flows: 0 }
      this.#records.set(host, record)
    }
    return record
  }

  /** Takes a switch that has connected; one that is no host's is sent away. */
  accept(connection: OpenFlowConnection): void {
    const { log, identify } = this.options
    const host = identify(connection.datapathId)
    if (host === undefined) {
      const { datapathId, remoteAddress: from } = connection
      // It comes again every second or so: that is said once.
      if (!this.#strangers.has(datapathId)) log.warn({ datapathId, from }, 'switch of no host, sent away')
      this.#strangers.add(datapathId)
      void connection.close()
      return
    }
    this.#strangers.delete(connection.datapathId)
    void this.#serve(host, connection)
  }

  /** Ends the connection to a host's switch, if there is one; its flows stay. */
  drop(host: string): void {
    void this.#bridges.get(host)?.connection.close()
  }

  close(): void {
    for (const { connection } of this.#bridges.values()) void connection.close()
  }

  async #serve(host: string, connection: OpenFlowConnection): Promise<void> {
    const { log, loop, engine, ready, connect } = this.options
    const desired = engine.desired(host)
    const groupsAndMeters = engine.groupsAndMeters(host)
    if (!desired || !groupsAndMeters) return void connection.close()
    this.drop(host)
    const device = connect(connection)
    const sync = new BridgeSync(desired, groupsAndMeters, device, {
      tables: this.#tables,
      consistent: () => loop.consistent,
      mayRemove: (cookie) => this.options.mayRemoveUnknown() || !isOurs(cookie),
    })
    const bridge: Bridge = { host, connection, device, sync }
    this.#bridges.set(host, bridge)
    this.#listen(bridge)
    this.#connected.next(bridge)
    this.options.onState()
    log.info(
      { host, version: versionName(connection.version), from: connection.remoteAddress },
      'switch connected',
    )
    try {
      await device.prepare()
      await ready()
      await sync.start(loop.revision)
      this.options.onReady(host)
    } catch (error) {
      this.#fail(bridge, error)
    }
    const { message } = await connection.closed
    sync.stop()
    if (this.#bridges.get(host) === bridge) this.#bridges.delete(host)
    log.warn({ host, reason: message }, 'switch disconnected; its flows stay')
    this.options.onState()
  }

  #listen(bridge: Bridge): void {
    const { host, connection, sync } = bridge
    const { log, describe, onPacketIn, onSettled, onState } = this.options
    const record = this.record(host)
    sync.drifts.subscribe((drift) => {
      const repair = describe(drift)
      record.repaired++
      record.lastRepair = repair
      log.warn({ host, ...repair }, `flow ${repair.cause} by somebody else, put right`)
      onState()
    })
    sync.settled.subscribe((revision) => {
      record.revision = revision
      delete record.refusal
      record.flows = sync.size
      onSettled(host)
      onState()
    })
    sync.failures.subscribe((error) => this.#fail(bridge, error))
    let sent = 0
    sync.settled.subscribe(() => {
      record.flowMods += sync.sent - sent
      sent = sync.sent
    })
    connection.events.subscribe((message) => {
      if (message.type === 'packetIn2') {
        const { userdata, packet, metadata = {} } = message
        this.#packetIns++
        if (userdata && packet) onPacketIn(host, { userdata, packet, fields: metadata })
      } else if (message.type === 'error') log.error({ host, error: message }, 'switch reports an error')
    })
    connection.faults.subscribe(({ error, bytes }) =>
      log.error(
        { host, err: error, bytes: bytes.toString('hex') },
        'message of a switch could not be decoded',
      ),
    )
  }

  /** Brings every bridge in step, in slices: to compare tens of thousands of flows takes a while. */
  async #updateAll(): Promise<void> {
    let start = performance.now()
    for (const bridge of [...this.#bridges.values()]) {
      if (performance.now() - start > sliceMs) {
        await setImmediate()
        start = performance.now()
      }
      this.#update(bridge, this.options.loop.revision)
    }
  }

  #update(bridge: Bridge, revision: number): void {
    bridge.sync.update(revision).catch((error) => this.#fail(bridge, error))
  }

  /**
   * What a switch refuses or leaves unanswered is found out by reading it back: on a new connection. That a connection
   * has ended is told elsewhere.
   */
  #fail({ host, connection }: Bridge, error: unknown): void {
    const cause = error instanceof BundleError ? error.cause : error
    if (cause instanceof ConnectionClosed) return
    this.record(host).refusal = error instanceof Error ? error.message : String(error)
    this.options.log.error({ host, err: error }, 'flows could not be brought in step; starting over')
    void connection.close()
  }
}

/** `1.5` from the number on the wire. */
export function versionName(version: number): string {
  return `1.${version - 1}`
}
