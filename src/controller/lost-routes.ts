import type { Logger } from 'pino'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'
import { routesToNobody } from './warnings.js'

/** Logs when a route comes to lead by somebody who is not there, and when it does no longer. */
export class LostRoutes {
  #known: ReadonlySet<string> = new Set()

  constructor(
    readonly model: Model,
    readonly log: Logger,
  ) {}

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    if (!changes.some(({ table }) => ['route', 'workload', 'network', 'station'].includes(table))) return
    const now = new Set(routesToNobody(this.model))
    for (const warning of now) if (!this.#known.has(warning)) this.log.warn(warning)
    for (const warning of this.#known) if (!now.has(warning)) this.log.info(`no longer: ${warning}`)
    this.#known = now
  }
}
