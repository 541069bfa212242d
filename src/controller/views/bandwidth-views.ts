import type { Logger } from 'pino'
import type { ObjectView } from '../../api/contract.js'
import type { Counted, LimitCounts } from '../../api/counters.js'
import { ConnectionClosed } from '../../openflow/index.js'
import type { Engine } from '../../pipeline/engine.js'
import type { Bridge } from '../bridges.js'
import { shared } from '../counters/shared.js'
import type { Count } from '../growth.js'

/** What meters of a limit have counted. */
interface Sums {
  readonly passed: Count
  readonly dropped: Count
}

interface MeteredBridge {
  readonly host: string
  readonly device: Pick<Bridge['device'], 'readMeterCounts'>
}

/** Limits as clients see them: with what they have let pass and dropped. */
export class BandwidthViews {
  constructor(
    readonly engine: Engine,
    readonly bridges: { get(host: string): MeteredBridge | undefined },
    readonly log: Logger,
  ) {}

  /** By id of each Bandwidth with a rate, what its meters count now on all hosts: from when a meter was put in. */
  readonly counts = shared(() => this.#readAll())

  async #readAll(): Promise<ReadonlyMap<string, LimitCounts>> {
    const { model } = this.engine
    const limits = [...model.rows('bandwidth')].filter(({ limit }) => limit !== undefined)
    const sums = new Map(limits.map(({ id }) => [id, noSums()]))
    const hosts = sums.size > 0 ? Array.from(model.rows('host'), ({ id }) => this.bridges.get(id)) : []
    await Promise.all(hosts.flatMap((bridge) => (bridge ? this.#readOne(bridge, sums) : [])))
    return new Map(
      Array.from(sums, ([id, { passed, dropped }]) => [id, { passed: view(passed), dropped: view(dropped) }]),
    )
  }

  /** @param counts as read just now */
  view(object: ObjectView, counts: ReadonlyMap<string, LimitCounts>): ObjectView {
    const own = counts.get(object.id.slice('bandwidth/'.length))
    return own
      ? { ...object, passedPackets: own.passed.packets, droppedPackets: own.dropped.packets, counts: own }
      : object
  }

  async #readOne({ host, device }: MeteredBridge, sums: ReadonlyMap<string, Sums>): Promise<void> {
    const meters = this.engine.groupsAndMeters(host)
    try {
      await device.readMeterCounts((key, all, dropped) => {
        const unit = meters?.get(key)?.unit.id
        // `table/rule/row`, where the row is a share, `bandwidth#workload`, or a bandwidth.
        const [, , ...row] = unit?.split('/') ?? []
        const sum = sums.get(row.join('/').split('#')[0] ?? '')
        if (!sum) return
        for (const field of ['packets', 'bytes'] as const) {
          sum.passed[field] += all[field] - dropped[field]
          sum.dropped[field] += dropped[field]
        }
      })
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, 'counters of meters could not be read')
    }
  }
}

const noSums = (): Sums => ({ passed: { packets: 0n, bytes: 0n }, dropped: { packets: 0n, bytes: 0n } })

function view({ packets, bytes }: Count): Counted {
  return { packets: String(packets), bytes: String(bytes) }
}
