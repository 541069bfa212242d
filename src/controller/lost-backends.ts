import type { Model } from '../model/model.js'
import { peersOf } from '../model/peers.js'
import type { BackendRow, Change } from '../model/rows.js'
import type { Lost } from './lost.js'

/** Connections of services to backends that are gone. Flows let none of their packets pass, forgotten or not. */
export class LostBackends {
  readonly #known = new Map<string, BackendRow>()

  constructor(readonly model: Model) {}

  /** What is lost by a transaction. */
  *follow(changes: readonly Change[]): Generator<Lost> {
    for (const change of changes) {
      if (change.table !== 'backend') continue
      const before = this.#known.get(change.id)
      if (change.row) this.#known.set(change.id, change.row)
      else this.#known.delete(change.id)
      if (before && !this.#isBack(before)) yield* this.#lose(before)
    }
  }

  #isBack({ id, address, virtual }: BackendRow): boolean {
    const now = this.#known.get(id)
    return now?.address === address && now.virtual === virtual
  }

  *#lose(backend: BackendRow): Generator<Lost> {
    const { tenant, virtual, address } = backend
    const isBack = () => this.#isBack(backend)
    for (const client of [tenant, ...Array.from(peersOf(tenant, this.model), (peer) => peer.tenant)]) {
      const zone = this.model.get('tenant', client)?.number
      if (zone === undefined) continue
      for (const host of this.model.by('hostsOfTenant', client))
        yield {
          ...{ host, isBack },
          match: { zone, original: { destination: virtual }, reply: { source: address } },
        }
    }
  }
}
