import type { Cell, Reader } from '../model/cell.js'
import type { Commit, Model } from '../model/model.js'
import type { Reads } from '../model/reads.js'
import type { TableName, Tables } from '../model/rows.js'
import type { Follower } from './loop.js'

/** One row, with what was last said of it. Runs again when something changes that this follows from. */
class Watched implements Reader {
  cells: readonly Cell[] = []
  text: string | undefined

  constructor(readonly id: string) {}
}

/** Tells when what there is to say of a row changes. */
export class RowLog<T extends TableName> implements Follower {
  readonly #watched = new Map<string, Watched>()
  readonly #pending = new Set<Watched>()

  /**
   * @param textOf what there is to say of a row; undefined: nothing
   * @param tell is called when that is another than before
   */
  constructor(
    readonly model: Model,
    readonly table: T,
    readonly textOf: (row: Tables[T], reads: Reads) => string | undefined,
    readonly tell: (text: string | undefined, before: string | undefined, id: string) => void,
  ) {}

  apply({ changes, readers }: Commit): void {
    for (const { table, id } of changes) if (table === this.table) this.#pending.add(this.#watch(id))
    for (const reader of readers)
      if (reader instanceof Watched && this.#watched.get(reader.id) === reader) this.#pending.add(reader)
  }

  run(overdue: () => boolean = () => false): boolean {
    for (const watched of this.#pending) {
      if (overdue()) return false
      this.#pending.delete(watched)
      this.#look(watched)
    }
    return true
  }

  #look(watched: Watched): void {
    const { id, text: before } = watched
    const row = this.model.get(this.table, id)
    watched.text = this.model.track(watched, (reads) => row && this.textOf(row, reads))
    if (!row) this.#watched.delete(id)
    if (watched.text !== before) this.tell(watched.text, before, id)
  }

  #watch(id: string): Watched {
    const watched = this.#watched.get(id) ?? new Watched(id)
    this.#watched.set(id, watched)
    return watched
  }
}
