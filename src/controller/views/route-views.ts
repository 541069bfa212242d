import type { Logger } from 'pino'
import staticRoute from '../../../flows/43-static-route.js'
import type { ObjectView } from '../../api/contract.js'
import type { Counted } from '../../api/counters.js'
import type { Model } from '../../model/model.js'
import { viasOf } from '../../model/routes.js'
import type { Engine } from '../../pipeline/engine.js'
import type { CountedBridges } from '../counters/counted-bridges.js'
import { RowCounts } from '../counters/row-counts.js'

/** Routes as clients see them: with who takes their packets on, and how many those were. */
export class RouteViews {
  readonly #counts: RowCounts
  readonly #model: Model

  constructor(engine: Engine, bridges: CountedBridges, log: Logger) {
    this.#model = engine.model
    this.#counts = new RowCounts({ table: staticRoute, from: 'route' }, engine, bridges, log)
  }

  /** Packets that routes have taken, by id, as the switches count them now: from when a flow was put in. */
  counts(): Promise<ReadonlyMap<string, Counted>> {
    return this.#counts.read()
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
