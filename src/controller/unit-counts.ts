import type { Logger } from 'pino'
import type { TableName } from '../model/rows.js'
import { ConnectionClosed } from '../openflow/index.js'
import type { Engine } from '../pipeline/engine.js'
import { cookieOf } from '../pipeline/flow.js'
import type { Bridge, Bridges } from './bridges.js'

export interface Count {
  readonly packets: bigint
  readonly bytes: bigint
}

export const noCount: Count = { packets: 0n, bytes: 0n }

/** Reads how many packets the flows of a table have taken on all switches, by the rows that the flows are for. */
export class UnitCounts {
  readonly #table: number

  /** @param from the table of the model that the rows are of */
  constructor(
    readonly engine: Engine,
    readonly bridges: Bridges,
    readonly log: Logger,
    table: string,
    readonly from: TableName,
  ) {
    this.#table = engine.tables.find(({ name }) => name === table)?.number ?? 0
  }

  /** As the switches count now: from when a flow was put in. Rows of which none has flows are left out. */
  async read(): Promise<ReadonlyMap<string, Count>> {
    const sums = new Map<string, Count>()
    const { model } = this.engine
    if (model.rows(this.from).next().done) return sums
    const hosts = Array.from(model.rows('host'), ({ id }) => this.bridges.get(id))
    await Promise.all(hosts.flatMap((bridge) => (bridge ? this.#read(bridge, sums) : [])))
    return sums
  }

  async #read({ host, device }: Bridge, sums: Map<string, Count>): Promise<void> {
    const desired = this.engine.desired(host)
    try {
      await device.readCounts(this.#table, (key, packets, bytes) => {
        const flow = desired?.get(key)
        const unit = flow && this.engine.unit(cookieOf(flow.content))
        if (unit?.rule.from !== this.from) return
        const sum = sums.get(unit.row) ?? noCount
        sums.set(unit.row, { packets: sum.packets + packets, bytes: sum.bytes + bytes })
      })
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, `counters of table ${this.#table} could not be read`)
    }
  }
}
