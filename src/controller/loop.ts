import { firstValueFrom, Subject } from 'rxjs'
import type { Commit, Model } from '../model/model.js'
import type { Change } from '../model/rows.js'

/** How long work may hold the event loop: switches and databases expect echoes meanwhile. */
const sliceMs = 20
/** Changes between two looks at the clock. */
const step = 200

/** What keeps something in step with the model: an engine its flows. */
export interface Follower {
  /** Notes what a part of a transaction makes necessary; `run` does it. */
  apply(commit: Commit): void
  /** Does what is necessary until nothing is left or `overdue` says so; answers whether nothing is left. */
  run(overdue: () => boolean): boolean
}

/** A transaction on its way into the model. */
interface Transaction {
  readonly changes: Iterator<Change>
  readonly revision: number | undefined
  readonly done: Change[]
}

/**
 * The one way in which something becomes flows: changes are committed to the model, and what follows it runs until
 * the flow sets are consistent. A small change is done when `commit` returns; a large one goes on in slices.
 */
export class Loop {
  readonly #applied = new Subject<readonly Change[]>()
  /** Emits what each transaction changed, once all of it is in the model. */
  readonly applied = this.#applied.asObservable()
  readonly #settled = new Subject<number>()
  /** Emits the revision whenever the flow sets stand for it. */
  readonly settled = this.#settled.asObservable()
  readonly #queue: Transaction[] = []
  #revision = 0
  #running = false
  #consistent = true
  #transactions = 0
  #compileMs = 0

  constructor(
    readonly model: Model,
    readonly followers: readonly Follower[],
    /** Milliseconds of a clock that never goes back. */
    readonly now: () => number = () => performance.now(),
  ) {}

  /** The newest revision of the files that was committed. */
  get revision(): number {
    return this.#revision
  }

  /** Whether the flow sets stand for everything that was committed. */
  get consistent(): boolean {
    return this.#consistent && this.#queue.length === 0
  }

  get transactions(): number {
    return this.#transactions
  }

  get compileSeconds(): number {
    return this.#compileMs / 1000
  }

  /** Resolves when the model has everything that was committed. */
  async drained(): Promise<void> {
    while (this.#queue.length > 0) await firstValueFrom(this.#applied)
  }

  /** Takes a transaction; `revision` says which one of the files it is, if it is one. */
  commit(changes: Iterable<Change>, revision?: number): void {
    this.#queue.push({ changes: changes[Symbol.iterator](), revision, done: [] })
    if (!this.#running) this.#run()
  }

  #run(): void {
    const start = this.now()
    const overdue = () => this.now() - start > sliceMs
    this.#running = true
    const finished =
      this.#drain(overdue) && (this.#consistent || this.followers.every((each) => each.run(overdue)))
    this.#compileMs += this.now() - start
    if (!finished) {
      setImmediate(() => this.#run())
      return
    }
    this.#running = false
    if (this.#consistent) return
    this.#consistent = true
    this.#settled.next(this.#revision)
  }

  /** Moves transactions into the model, the next one when all of the one before is there. */
  #drain(overdue: () => boolean): boolean {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      if (overdue()) return false
      if (this.#apply(next)) continue
      this.#queue.shift()
      const { done, revision = this.#revision } = next
      if (done.length > 0) this.#transactions++
      if (done.length > 0 || revision !== this.#revision) this.#consistent = false
      this.#revision = revision
      this.#applied.next(done)
    }
    return true
  }

  /** Puts some changes into the model; answers whether there may be more. */
  #apply({ changes, done }: Transaction): boolean {
    const some: Change[] = []
    while (some.length < step) {
      const { value, done: end } = changes.next()
      if (end) break
      some.push(value)
    }
    const commit = this.model.commit(some)
    for (const each of this.followers) each.apply(commit)
    for (const change of commit.changes) done.push(change)
    return some.length === step
  }
}
