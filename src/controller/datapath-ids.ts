import { datapathIdOf } from '../host/plan.js'
import type { Model } from '../model/model.js'

/** Which host a bridge of ours is on, by the datapath id that it was given. */
export class DatapathIds {
  readonly #ids = new Map<string, string>()

  constructor(readonly model: Model) {}

  hostOf(datapathId: string): string | undefined {
    for (const { id } of this.model.rows('host')) {
      const known = this.#ids.get(id) ?? datapathIdOf(id)
      this.#ids.set(id, known)
      if (known === datapathId) return id
    }
    return undefined
  }
}
