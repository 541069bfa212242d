import type { Logger } from 'pino'
import type { Counted } from '../../api/counters.js'
import type { TableName } from '../../model/rows.js'
import { ConnectionClosed } from '../../openflow/index.js'
import type { Engine } from '../../pipeline/engine.js'
import { cookieOf } from '../../pipeline/flow.js'
import type { Table } from '../../pipeline/table.js'
import type { CountedBridge, CountedBridges } from './counted-bridges.js'
import { shared } from './shared.js'

/** Which flows count for which rows: those of some rules of one table, for the row that each was made from. */
export interface Counting {
  readonly table: Table
  readonly from: TableName
  /** Undefined: flows of every rule. */
  readonly rules?: readonly string[]
}

type Sums = Map<string, { readonly packets: bigint; readonly bytes: bigint }>

const none = { packets: 0n, bytes: 0n }

/** Reads from the switches how many packets the flows of rows have taken. */
export class RowCounts {
  constructor(
    readonly counting: Counting,
    readonly engine: Engine,
    readonly bridges: CountedBridges,
    readonly log: Logger,
  ) {}

  /** What each row's flows have taken, by the row's id, as the switches count it now: from when a flow was put in. */
  readonly read = shared(() => this.#readAll())

  async #readAll(): Promise<ReadonlyMap<string, Counted>> {
    const sums: Sums = new Map()
    const { model } = this.engine
    const ids = Array.from(model.rows(this.counting.from), ({ id }) => id)
    if (ids.length === 0) return new Map()
    const hosts = Array.from(model.rows('host'), ({ id }) => this.bridges.get(id))
    await Promise.all(hosts.flatMap((bridge) => (bridge ? this.#readOne(bridge, sums) : [])))
    return new Map(
      ids.map((id) => {
        const { packets, bytes } = sums.get(id) ?? none
        return [id, { packets: String(packets), bytes: String(bytes) }]
      }),
    )
  }

  async #readOne({ host, device }: CountedBridge, sums: Sums): Promise<void> {
    const desired = this.engine.desired(host)
    const { table, from, rules } = this.counting
    try {
      await device.readCounts(table.number, (key, packets, bytes) => {
        const flow = desired?.get(key)
        const unit = flow && this.engine.unit(cookieOf(flow.content))
        if (unit?.rule.from !== from || rules?.includes(unit.rule.name) === false) return
        const sum = sums.get(unit.row) ?? none
        sums.set(unit.row, { packets: sum.packets + packets, bytes: sum.bytes + bytes })
      })
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, `counters of table ${table.name} could not be read`)
    }
  }
}
