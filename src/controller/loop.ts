import { Subject } from 'rxjs'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'
import type { Engine } from '../pipeline/engine.js'

/** How long the engine may hold the event loop: switches and databases expect echoes meanwhile. */
const sliceMs = 20

/**
 * The one way in which something becomes flows: changes are committed to the model, and the engine runs until the flow
 * sets are consistent. A small change is done when `commit` returns; a large one goes on in slices.
 */
export class Loop {
  readonly #settled = new Subject<number>()
  /** Emits the revision whenever the flow sets stand for it. */
  readonly settled = this.#settled.asObservable()
  #revision = 0
  #running = false
  #consistent = true
  #transactions = 0
  #compileMs = 0

  constructor(
    readonly model: Model,
    readonly engine: Engine,
  ) {}

  /** The newest revision of the files that was committed. */
  get revision(): number {
    return this.#revision
  }

  /** Whether the flow sets stand for everything that was committed. */
  get consistent(): boolean {
    return this.#consistent
  }

  get transactions(): number {
    return this.#transactions
  }

  get compileSeconds(): number {
    return this.#compileMs / 1000
  }

  /** Commits one transaction; `revision` says which one of the files it is, if it is one. */
  commit(changes: Iterable<Change>, revision = this.#revision): readonly Change[] {
    const news = revision !== this.#revision
    this.#revision = revision
    const commit = this.model.commit(changes)
    if (commit.changes.length > 0) this.#transactions++
    else if (!news) return commit.changes
    this.engine.apply(commit)
    this.#consistent = false
    if (!this.#running) this.#run()
    return commit.changes
  }

  #run(): void {
    const start = performance.now()
    this.#running = true
    this.#consistent = this.engine.run(() => performance.now() - start > sliceMs)
    this.#compileMs += performance.now() - start
    if (!this.#consistent) {
      setImmediate(() => this.#run())
      return
    }
    this.#running = false
    this.#settled.next(this.#revision)
  }
}
