import type { Logger } from 'pino'
import mirror, { copied } from '../../../flows/74-mirror.js'
import type { ObjectView } from '../../api/contract.js'
import type { Counted } from '../../api/counters.js'
import type { Model } from '../../model/model.js'
import type { Reads } from '../../model/reads.js'
import type { MirrorRow } from '../../model/rows.js'
import type { Engine } from '../../pipeline/engine.js'
import type { CountedBridges } from '../counters/counted-bridges.js'
import { RowCounts } from '../counters/row-counts.js'
import type { Follower } from '../loop.js'
import { RowLog } from '../row-log.js'

/** Logs where copies go, and when they have nowhere to go. */
export function mirrorLog(model: Model, log: Logger): Follower {
  const textOf = ({ id, to }: MirrorRow, reads: Reads) => {
    const host = reads.get('placement', to)?.host
    const where =
      host === undefined ? `waits for ${to}, which is plugged in nowhere` : `copies to ${to} on ${host}`
    return `mirror ${id} ${where}`
  }
  return new RowLog(
    model,
    'mirror',
    textOf,
    (text, _, mirror) => text !== undefined && log.info({ mirror }, text),
  )
}

/** Mirrors as clients see them: with the workloads that they listen to, where copies go, and how many those were. */
export class MirrorViews {
  readonly #counts: RowCounts
  readonly #model: Model

  constructor(engine: Engine, bridges: CountedBridges, log: Logger) {
    this.#model = engine.model
    const rules = Object.values(copied)
    this.#counts = new RowCounts({ table: mirror, from: 'mirror', rules }, engine, bridges, log)
  }

  /** Copies that mirrors have made, by id, as the switches count them now: from when a flow was put in. */
  counts(): Promise<ReadonlyMap<string, Counted>> {
    return this.#counts.read()
  }

  /** @param counts as read just now */
  view(object: ObjectView, counts: ReadonlyMap<string, Counted>): ObjectView {
    const id = object.id.slice('mirror/'.length)
    const row = this.#model.get('mirror', id)
    if (!row) return object
    const host = this.#model.get('placement', row.to)?.host
    const workloads = this.#model.by('tapsByMirror', id).map((tap) => tap.id)
    return { ...object, ...(host !== undefined && { host }), workloads, ...counts.get(id) }
  }
}
