import type { Logger } from 'pino'
import type { ObjectView } from '../api/contract.js'
import type { Counted } from '../api/counters.js'
import type { Model } from '../model/model.js'
import { viasOf } from '../model/routes.js'
import type { Change } from '../model/rows.js'
import { ConnectionClosed } from '../openflow/index.js'
import type { Engine } from '../pipeline/engine.js'
import { cookieOf } from '../pipeline/flow.js'
import type { Bridge, Bridges } from './bridges.js'
import { LostRoutes } from './lost-routes.js'

/** The table whose flows count for routes. */
const tableName = 'static-route'

const none = { packets: 0n, bytes: 0n }

/** Routes as clients see them: with who takes their packets on, and how many those were. */
export class RouteViews {
  readonly #table: number
  readonly #lost: LostRoutes

  constructor(
    readonly engine: Engine,
    readonly bridges: Bridges,
    readonly log: Logger,
  ) {
    this.#table = engine.tables.find(({ name }) => name === tableName)?.number ?? 0
    this.#lost = new LostRoutes(engine.model, log)
  }

  /** Follows a transaction: logs when a route comes to lead by somebody who is not there. */
  follow(changes: readonly Change[]): void {
    this.#lost.follow(changes)
  }

  /** Packets that routes have taken, by id, as the switches count them now: from when a flow was put in. */
  async counts(): Promise<ReadonlyMap<string, Counted>> {
    const sums = new Map<string, { readonly packets: bigint; readonly bytes: bigint }>()
    const { model } = this.engine
    if (model.rows('route').next().done) return new Map()
    const hosts = Array.from(model.rows('host'), ({ id }) => this.bridges.get(id))
    await Promise.all(hosts.flatMap((bridge) => (bridge ? this.#read(bridge, sums) : [])))
    return new Map(
      Array.from(model.rows('route'), ({ id }) => {
        const { packets, bytes } = sums.get(id) ?? none
        return [id, { packets: String(packets), bytes: String(bytes) }]
      }),
    )
  }

  async #read(
    { host, device }: Bridge,
    sums: Map<string, { readonly packets: bigint; readonly bytes: bigint }>,
  ): Promise<void> {
    const desired = this.engine.desired(host)
    try {
      await device.readCounts(this.#table, (key, packets, bytes) => {
        const flow = desired?.get(key)
        const unit = flow && this.engine.unit(cookieOf(flow.content))
        if (unit?.rule.from !== 'route') return
        const sum = sums.get(unit.row) ?? none
        sums.set(unit.row, { packets: sum.packets + packets, bytes: sum.bytes + bytes })
      })
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, 'counters of routes could not be read')
    }
  }

  /** @param counts as read just now */
  view(object: ObjectView, counts: ReadonlyMap<string, Counted>): ObjectView {
    const id = object.id.slice('route/'.length)
    const row = this.model.get('route', id)
    if (!row) return object
    const hops = row.gateways ?? viasOf(row, this.model).map(({ workload, mac }) => workload?.id ?? mac)
    return { ...object, hops, ...counts.get(id) }
  }

  get model(): Model {
    return this.engine.model
  }
}
