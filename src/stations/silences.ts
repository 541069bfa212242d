import type { Logger } from 'pino'
import { everything } from '../model/index-definitions.js'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'

export interface SilencesOptions {
  readonly model: Model
  /** Whether the controller hears of a host: by its database, or by its switch. */
  readonly isHeard: (host: string) => boolean
  readonly onChanges: (changes: readonly Change[]) => void
  readonly log: Logger
}

/** So long nothing is heard of a host before another one speaks for routers on VLANs. */
const silentMs = 5000

/** Notes hosts of which nothing is heard for a while, as long as networks have VLANs: one is not to speak for routers there. */
export class Silences {
  readonly #heardAtMs = new Map<string, number>()

  constructor(readonly options: SilencesOptions) {}

  /** Looks who is heard; to be called often. */
  check(nowMs: number): void {
    const { model, isHeard, onChanges, log } = this.options
    const isNeeded = model.by('vlanNetworks', everything).length > 0
    for (const { id } of isNeeded ? model.by('hosts', everything) : []) {
      const heardAtMs = isHeard(id) ? nowMs : (this.#heardAtMs.get(id) ?? nowMs)
      this.#heardAtMs.set(id, heardAtMs)
      const isSilent = nowMs - heardAtMs >= silentMs
      if (isSilent === (model.get('silence', id) !== undefined)) continue
      if (isSilent)
        log.warn({ host: id }, 'nothing is heard of a host; others speak for routers on its VLANs')
      onChanges([{ table: 'silence', id, ...(isSilent && { row: { id } }) }])
    }
    for (const { id } of [...model.rows('silence')])
      if (!isNeeded || !model.get('host', id)) onChanges([{ table: 'silence', id }])
  }
}
