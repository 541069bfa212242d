import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'

export interface SettlingOptions {
  readonly model: Model
  readonly commit: (changes: Iterable<Change>) => void
  /** How long after its first policy a tenant is settled: longer than megaflows outlive a change. Default 3,000. */
  readonly settleMs?: number
}

/**
 * Notes which tenants policy has concerned for a while. Before that, conntrack may see the answer of a connection sooner
 * than what it answers, and flows must not take it for the beginning of one (decision 31).
 */
export class Settling {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(readonly options: SettlingOptions) {}

  /** Follows a transaction of the model. */
  follow(changes: readonly Change[]): void {
    const owners = new Set<string>()
    for (const { table, id } of changes) {
      if (table === 'policy') owners.add(id.slice(0, Math.max(id.indexOf('/'), 0)))
      else if (table === 'settled') owners.add(id)
    }
    for (const owner of owners) this.#check(owner)
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  #check(id: string): void {
    const { model, commit, settleMs = 3000 } = this.options
    const settled = model.get('settled', id) !== undefined
    if (model.by('guards', id).length === 0) {
      clearTimeout(this.#timers.get(id))
      this.#timers.delete(id)
      if (settled) commit([{ table: 'settled', id }])
    } else if (!settled && !this.#timers.has(id)) {
      const settle = () => {
        this.#timers.delete(id)
        commit([{ table: 'settled', id, row: { id } }])
      }
      this.#timers.set(id, setTimeout(settle, settleMs))
    }
  }
}
