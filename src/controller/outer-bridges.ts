import type { Logger } from 'pino'
import type { Observable } from 'rxjs'
import { outerPipeline, scopesOfOuterBridge } from '../../flows/outer/pipeline.js'
import { outerBridgeOf } from '../../flows/outer/shared-address.js'
import { OperatorsSwitch } from '../datapath/operators-switch.js'
import { whoHas } from '../frames/neighbours.js'
import type { Model } from '../model/model.js'
import { addressAt } from '../model/outside.js'
import type { GatewayRow, OuterBridgeRow } from '../model/rows.js'
import type { OpenFlowConnection } from '../openflow/index.js'
import { Engine } from '../pipeline/engine.js'
import { type Bridge, Bridges, type BridgesOptions, type FlowChange } from './bridges.js'

/** The flows of ours in bridges of operators, by the bridge's id. */
export function outerEngine(model: Model): Engine {
  return new Engine(model, outerPipeline, scopesOfOuterBridge, 'outerBridge')
}

export interface OuterBridgesOptions
  extends Pick<BridgesOptions, 'loop' | 'engine' | 'ready' | 'mayRemoveUnknown' | 'describe' | 'onState'> {
  readonly model: Model
  /** Called when a bridge has no flow of ours any more. */
  readonly onLeft: (host: string) => void
  readonly log: Logger
}

/**
 * Bridges that operators have and in which some flows are ours: those on which a gateway has its host's own address.
 * What has not our cookie is not touched, nor are groups and meters.
 */
export class OuterBridges {
  readonly #bridges: Bridges

  constructor(readonly options: OuterBridgesOptions) {
    const { model, onLeft, ...rest } = options
    this.#bridges = new Bridges({
      ...rest,
      identify: (datapathId) => this.#with(datapathId)?.id,
      connect: (connection) => new OperatorsSwitch(connection),
      tables: [],
      onPacketIn: () => undefined,
      onReady: () => undefined,
      onSettled: (id) => {
        const row = model.get('outerBridge', id)
        if (row && this.isLeft(row)) onLeft(row.host)
      },
    })
  }

  /** Whether a switch is that of such a bridge. */
  has(connection: OpenFlowConnection): boolean {
    return this.#with(connection.datapathId) !== undefined
  }

  /** The connected bridge of this id. */
  get(id: string): Bridge | undefined {
    return this.#bridges.get(id)
  }

  /** What switches report of their flows, by the bridge's id. */
  get changes(): Observable<FlowChange> {
    return this.#bridges.changes
  }

  accept(connection: OpenFlowConnection): void {
    this.#bridges.accept(connection)
  }

  /** Ends the connection to a bridge, if there is one. */
  drop(id: string): void {
    this.#bridges.drop(id)
  }

  close(): void {
    this.#bridges.close()
  }

  /** Whether a bridge has no flow of ours, and is to have none. */
  isLeft({ id }: OuterBridgeRow): boolean {
    const { engine, loop } = this.options
    const sync = this.#bridges.get(id)?.sync
    return loop.consistent && engine.desired(id)?.size === 0 && sync?.isIdle === true && sync.size === 0
  }

  /** Whether the bridge on which a gateway shares a host's address has the flows for it. */
  isSettled(gateway: GatewayRow, host: string): boolean {
    const id = outerBridgeOf(gateway, host)
    if (id === undefined) return true
    const row = this.options.model.get('outerBridge', id)
    return row?.uplinks[gateway.id] !== undefined && this.#bridges.get(id)?.sync.isIdle === true
  }

  /** Asks for a station's MAC in the name of a gateway's host; false while that is not possible. */
  askAsHost(gateway: GatewayRow, host: string, station: string): boolean {
    const id = outerBridgeOf(gateway, host)
    const row = id === undefined ? undefined : this.options.model.get('outerBridge', id)
    const bridge = id === undefined ? undefined : this.#bridges.get(id)
    const address = addressAt(gateway, gateway.address, host)
    // Without flows the answer would reach the host only.
    if (!row || !bridge || address === undefined || bridge.sync.size === 0) return false
    bridge.device.sendToTable(0, [], whoHas(station, { address, mac: row.mac }))
    return true
  }

  #with(datapathId: string): OuterBridgeRow | undefined {
    for (const row of this.options.model.rows('outerBridge')) if (row.datapathId === datapathId) return row
    return undefined
  }
}
