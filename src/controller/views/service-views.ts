import type { Logger } from 'pino'
import serviceGuard from '../../../flows/15-service-guard.js'
import serviceBackend from '../../../flows/17-service-backend.js'
import type { ObjectView } from '../../api/contract.js'
import type { BackendCounters, Counted, ServiceCounters } from '../../api/counters.js'
import type { Model } from '../../model/model.js'
import type { BackendRow } from '../../model/rows.js'
import type { Engine } from '../../pipeline/engine.js'
import type { CountedBridges } from '../counters/counted-bridges.js'
import { RowCounts } from '../counters/row-counts.js'

/** Services as clients see them: with who answers and where that runs, and what each has got. */
export class ServiceViews {
  readonly #packets: RowCounts
  readonly #connections: RowCounts
  readonly #model: Model

  constructor(engine: Engine, bridges: CountedBridges, log: Logger) {
    this.#model = engine.model
    this.#packets = new RowCounts({ table: serviceGuard, from: 'service' }, engine, bridges, log)
    this.#connections = new RowCounts({ table: serviceBackend, from: 'backend' }, engine, bridges, log)
  }

  /** What services have got, by id, as the switches count it now: from when a flow was put in. */
  async counts(): Promise<ReadonlyMap<string, ServiceCounters>> {
    const [packets, connections] = await Promise.all([this.#packets.read(), this.#connections.read()])
    return new Map(
      Array.from(packets, ([service, counted]) => {
        return [service, { service, packets: counted, backends: this.#backends(service, connections) }]
      }),
    )
  }

  #backends(service: string, connections: ReadonlyMap<string, Counted>): readonly BackendCounters[] {
    const byWorkload = new Map<string, BackendRow[]>()
    for (const row of this.#model.by('backendsByService', service))
      byWorkload.set(row.workload, [...(byWorkload.get(row.workload) ?? []), row])
    return Array.from(byWorkload, ([workload, rows]) => {
      const host = this.#model.get('placement', workload)?.host
      const count = (sum: bigint, { id }: BackendRow) => sum + BigInt(connections.get(id)?.packets ?? 0)
      return {
        workload,
        ...(host === undefined ? {} : { host }),
        addresses: rows.map(({ address }) => address),
        connections: String(rows.reduce(count, 0n)),
      }
    })
  }

  /** @param counters as read just now */
  view(object: ObjectView, counters: ReadonlyMap<string, ServiceCounters>): ObjectView {
    const own = counters.get(object.id.slice('service/'.length))
    return own ? { ...object, workloads: own.backends, ...own.packets } : object
  }
}
