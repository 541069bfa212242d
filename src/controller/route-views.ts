import type { Logger } from 'pino'
import type { ObjectView } from '../api/contract.js'
import type { Counted } from '../api/counters.js'
import type { Model } from '../model/model.js'
import { viasOf } from '../model/routes.js'
import type { Change } from '../model/rows.js'
import type { Engine } from '../pipeline/engine.js'
import type { Bridges } from './bridges.js'
import { noCount, UnitCounts } from './unit-counts.js'
import { WarningLog } from './warning-log.js'
import { routesToNobody } from './warnings.js'

/** Routes as clients see them: with who takes their packets on, and how many those were. */
export class RouteViews {
  readonly #counts: UnitCounts
  readonly #lost: WarningLog
  readonly #model: Model

  constructor(engine: Engine, bridges: Bridges, log: Logger) {
    this.#model = engine.model
    this.#counts = new UnitCounts(engine, bridges, log, 'static-route', 'route')
    this.#lost = new WarningLog(
      engine.model,
      log,
      ['route', 'workload', 'network', 'station'],
      routesToNobody,
    )
  }

  /** Follows a transaction: logs when a route comes to lead by somebody who is not there. */
  follow(changes: readonly Change[]): void {
    this.#lost.follow(changes)
  }

  /** Packets that routes have taken, by id, as the switches count them now: from when a flow was put in. */
  async counts(): Promise<ReadonlyMap<string, Counted>> {
    const sums = await this.#counts.read()
    return new Map(
      Array.from(this.#model.rows('route'), ({ id }) => {
        const { packets, bytes } = sums.get(id) ?? noCount
        return [id, { packets: String(packets), bytes: String(bytes) }]
      }),
    )
  }

  /** @param counts as read just now */
  view(object: ObjectView, counts: ReadonlyMap<string, Counted>): ObjectView {
    const id = object.id.slice('route/'.length)
    const row = this.#model.get('route', id)
    if (!row) return object
    const hops = row.gateways ?? viasOf(row, this.#model).map(({ workload, mac }) => workload?.id ?? mac)
    return { ...object, hops, ...counts.get(id) }
  }
}
