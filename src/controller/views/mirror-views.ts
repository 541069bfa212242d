import type { Logger } from 'pino'
import { copied } from '../../../flows/74-mirror.js'
import type { ObjectView } from '../../api/contract.js'
import type { Counted } from '../../api/counters.js'
import type { Model } from '../../model/model.js'
import type { Change } from '../../model/rows.js'
import type { Engine } from '../../pipeline/engine.js'
import type { Bridges } from '../bridges.js'
import { RowCounts } from '../counters/row-counts.js'

/** Mirrors as clients see them: with the workloads that they listen to, where copies go, and how many those were. */
export class MirrorViews {
  readonly #counts: RowCounts
  /** What was last said of each mirror. */
  readonly #said = new Map<string, string>()

  constructor(
    readonly engine: Engine,
    bridges: Bridges,
    readonly log: Logger,
  ) {
    const rules = Object.values(copied)
    this.#counts = new RowCounts({ table: 'mirror', from: 'mirror', rules }, engine, bridges, log)
  }

  /** Follows a transaction: logs where copies go, and when they have nowhere to go. */
  follow(changes: readonly Change[]): void {
    if (!changes.some(({ table }) => table === 'mirror' || table === 'placement')) return
    for (const { id, to } of this.#model.rows('mirror')) {
      const host = this.#model.get('placement', to)?.host
      const text =
        host === undefined ? `waits for ${to}, which is plugged in nowhere` : `copies to ${to} on ${host}`
      if (this.#said.get(id) !== text)
        this.log.info({ mirror: id, to, ...(host !== undefined && { host }) }, `mirror ${id} ${text}`)
      this.#said.set(id, text)
    }
    for (const id of this.#said.keys()) if (!this.#model.get('mirror', id)) this.#said.delete(id)
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

  get #model(): Model {
    return this.engine.model
  }
}
