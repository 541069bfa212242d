import type { Logger } from 'pino'
import type { Model } from '../../model/model.js'
import type { Change, TableName } from '../../model/rows.js'

/** Logs when a warning comes to hold, and when it does no longer. */
export class WarningLog {
  #known: ReadonlySet<string> = new Set()

  /** @param tables whose changes may change the warnings */
  constructor(
    readonly model: Model,
    readonly log: Logger,
    readonly tables: readonly TableName[],
    readonly warnings: (model: Model) => Iterable<string>,
  ) {}

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    if (!changes.some(({ table }) => this.tables.includes(table))) return
    const now = new Set(this.warnings(this.model))
    for (const warning of now) if (!this.#known.has(warning)) this.log.warn(warning)
    for (const warning of this.#known) if (!now.has(warning)) this.log.info(`no longer: ${warning}`)
    this.#known = now
  }
}
