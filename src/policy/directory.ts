import { resolve } from 'node:path'
import { defer, filter, merge, type Observable } from 'rxjs'
import type { Change } from '../model/rows.js'
import type { Store, Write } from '../store/store.js'
import { Allocations } from './allocation/allocations.js'
import { compareErrors, type Place, type PolicyError } from './errors.js'
import { batched } from './files/batched.js'
import { type FileText, given, listFiles, readAll } from './files/files.js'
import { isBelow, Roots } from './files/roots.js'
import { watchFiles } from './files/watch.js'
import { type KindName, kindNames } from './kinds/index.js'
import { type ListedObject, listed } from './listing.js'
import { compareObjects } from './object.js'
import { Report } from './report.js'
import { Rows } from './rows/rows.js'
import { type FileChange, Selection, type Settled } from './selection.js'
import { Settling } from './settling.js'
import { runInSlices } from './slices.js'
import { type Parsed, parse, unreadable } from './text/parse.js'
import type { Path } from './text/yaml.js'

export interface PolicyDirectoryOptions {
  /** Directories with policy files; what they say counts together. */
  readonly dirs: readonly string[]
  readonly store: Store
  /** One of `dirs` that may be empty or missing without a word: nobody's files, but what the controller writes itself. */
  readonly spool?: string
  /** A number from 0 up to but not including 1, for MAC addresses. */
  readonly random: () => number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Milliseconds that a file which may be half written has to be still before it is taken; default: 25. */
  readonly settleMs?: number
  /** Obeys a directory that is missing or empty; default: false, see `refused`. */
  readonly allowEmpty?: boolean
}

/** What a change of files came to. */
export interface PolicyUpdate {
  /** Grows with each change that came into force; survives restarts. */
  readonly revision: number
  /** What changed in the model since the update before. */
  readonly changes: readonly Change[]
  /** All errors that there are now, in order. */
  readonly errors: readonly PolicyError[]
  /** Unknown objects may exist: nothing of an object that no row speaks of may be pruned from a host. */
  readonly incomplete: boolean
  /** A directory is missing or has no policy file; the state directory keeps what it knows until it has one. */
  readonly refused?: 'empty'
  /** Count of objects in force. */
  readonly objects: number
}

/** The wish that the files of some directories express, kept in step with them. */
export class PolicyDirectory {
  readonly #options: PolicyDirectoryOptions
  readonly #selection = new Selection()
  readonly #rows: Rows
  readonly #allocations: Allocations
  readonly #roots: Roots
  #revision: number
  #settled: Settled = { errors: [], incomplete: false, accepted: [], gone: [] }
  #errors: readonly PolicyError[] = []
  /** What no update has told yet, and what the store has not got yet: more than nothing only after a failed commit. */
  #changes: Change[] = []
  #writes: Write[] = []
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: PolicyDirectoryOptions) {
    this.#options = options
    const dirs = [...new Map(options.dirs.map((dir) => [resolve(dir), dir])).values()]
    this.#roots = new Roots(dirs, (dir) => options.allowEmpty === true || dir === options.spool)
    this.#allocations = new Allocations(options.store, options.random)
    this.#rows = new Rows(this.#selection.catalog, this.#allocations)
    this.#revision = Number(options.store.table('revision').get('policy') ?? 0)
  }

  /** Reads every file, as at start-up: what a file's text lacks comes from its last good version of an earlier run. */
  load(): Promise<PolicyUpdate> {
    return this.reread()
  }

  /** Reads every file again. */
  reread(): Promise<PolicyUpdate> {
    return this.#enqueue(() => this.#reread())
  }

  /**
   * Takes over files whose text is known; undefined deletes a file. Paths are a directory as it was given, joined with
   * the way below it.
   */
  apply(files: ReadonlyMap<string, string | undefined>): Promise<PolicyUpdate> {
    return this.#enqueue(() => this.#update(given(files)))
  }

  /** Reads these files and takes over what changed. */
  refresh(files: Iterable<string>): Promise<PolicyUpdate> {
    const paths = [...files]
    return this.#enqueue(() => this.#update(readAll(paths)))
  }

  /**
   * Updates as files change. To be subscribed to after `load`; begins with a `reread`, so that nothing is missed that
   * changed in between. Updates that say nothing new are left out. Fails where the system cannot watch a directory.
   */
  watch(): Observable<PolicyUpdate> {
    return defer(() => {
      const settling = new Settling(this.#options.now, this.#options.settleMs ?? 25)
      const take = (files: ReadonlySet<string>) => this.#enqueue(() => this.#refresh(files, settling))
      const updates = merge(settling.due, watchFiles(this.#roots.directories)).pipe(batched(take))
      const missed = defer(() => this.reread())
      return merge(updates, missed).pipe(filter((update) => update !== undefined))
    })
  }

  /** Errors of the last update. */
  get errors(): readonly PolicyError[] {
    return this.#errors
  }

  /** Objects in force, in the order of their ids. */
  objects(kind?: KindName): ListedObject[] {
    const objects = [...this.#rows.objects()].filter((object) => kind === undefined || object.kind === kind)
    return objects.sort(compareObjects).map((object) => listed(object, this.#rows.row(object.id)))
  }

  /** Counts of the objects in force, by kind; all kinds are there. */
  counts(): Readonly<Record<string, number>> {
    const counts = new Map<string, number>(kindNames.map((kind) => [kind, 0]))
    for (const { kind } of this.#rows.objects()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return Object.fromEntries(counts)
  }

  /**
   * Where the object in force with this id (`workload/usr1/web`) stands, or one of its parts: `['ingress', 0]`, the
   * first rule of a policy for what comes in.
   */
  origin(id: string, part: Path = []): Place | undefined {
    const object = this.#rows.object(id)
    const spot = part.length === 0 ? object : object?.parts.get(part.join('/'))
    return object && spot && { file: object.source.file, line: spot.line, column: spot.column }
  }

  /** One update at a time, in the order in which they were asked for. */
  #enqueue<T>(work: () => Generator<void, T>): Promise<T> {
    const run = () => runInSlices(work(), this.#options.now)
    const result = this.#queue.then(run, run)
    this.#queue = result
    return result
  }

  *#reread(): Generator<void, PolicyUpdate> {
    const files = new Set(this.#roots.list())
    for (const file of this.#selection.files) if (!this.#roots.keeps(file)) files.add(file)
    const known = new Set([...files].map((file) => resolve(file)))
    for (const path of this.#options.store.table('file').keys()) {
      if (!known.has(path) && !this.#roots.keeps(path)) this.#write('file', path, undefined)
    }
    return yield* this.#update(readAll(files))
  }

  /** Takes over what changed of these files, apart from what has to settle; undefined where that is nothing. */
  *#refresh(paths: Iterable<string>, settling: Settling): Generator<void, PolicyUpdate | undefined> {
    const isNews = this.#roots.look()
    const all = [...paths].flatMap((path) => (path.endsWith('/') ? this.#filesBelow(path) : path))
    const files = new Set(all.filter((path) => !this.#roots.keeps(path)))
    const changes = yield* this.#fileChanges(readAll(files))
    const changed = new Set(changes.map(({ file }) => file))
    for (const file of files) if (!changed.has(file)) settling.forget(file)
    const ripe = changes.filter((change) => {
      const text = change.parsed?.source.text
      return !settling.waits(change.file, text, this.#isDoubtful(change))
    })
    return ripe.length === 0 && !isNews ? undefined : yield* this.#take(ripe)
  }

  /** Files below a directory, those that are known and those that are there. */
  #filesBelow(directory: string): string[] {
    const known = [...this.#selection.files].filter((file) => isBelow(directory, file))
    return [...known, ...(listFiles(directory) ?? [])]
  }

  *#update(files: Iterable<readonly [string, FileText]>): Generator<void, PolicyUpdate> {
    return yield* this.#take(yield* this.#fileChanges(files))
  }

  *#take(files: readonly FileChange[]): Generator<void, PolicyUpdate> {
    this.#settled = yield* this.#selection.settle(files)
    const changes = yield* this.#rows.update(this.#selection.catalog.takeTouched())
    this.#changes = [...this.#changes, ...changes]
    return yield* this.#commit()
  }

  *#fileChanges(files: Iterable<readonly [string, FileText]>): Generator<void, FileChange[]> {
    const changes: FileChange[] = []
    for (const [file, read] of files) {
      const change = yield* this.#fileChange(file, read)
      if (change !== undefined) changes.push(change)
      yield
    }
    return changes
  }

  /** Whether a version looks like one that somebody is still writing: it takes objects away, or breaks off. */
  #isDoubtful({ file, parsed }: FileChange): boolean {
    return !parsed?.source.text.endsWith('\n') || this.#selection.loses(file, parsed)
  }

  /** What a text changes; undefined where it is the one that is known. */
  *#fileChange(file: string, read: FileText): Generator<void, FileChange | undefined> {
    if (read.state === 'gone') return this.#selection.has(file) ? { file, parsed: undefined } : undefined
    if (read.state === 'unreadable') {
      return { file, parsed: unreadable(file, read.cause), good: yield* this.#stored(file) }
    }
    const { text } = read
    if (this.#selection.text(file) === text) return undefined
    const parsed = yield* parse({ file, text })
    const good = yield* this.#stored(file, parsed)
    return { file, parsed, good }
  }

  /** The last good version that an earlier run left. */
  *#stored(file: string, current?: Parsed): Generator<void, Parsed | undefined> {
    const text = this.#options.store.table('file').get(resolve(file))
    if (text === undefined || this.#selection.has(file)) return undefined
    const good = text === current?.source.text ? current : yield* parse({ file, text })
    return good.errors.length === 0 ? good : undefined
  }

  *#commit(): Generator<void, PolicyUpdate> {
    const { errors, incomplete, accepted, gone } = this.#settled
    for (const { source } of accepted) this.#write('file', resolve(source.file), source.text)
    for (const file of gone) this.#write('file', resolve(file), undefined)
    if (this.#writes.some(({ table }) => table === 'file')) {
      this.#revision++
      this.#write('revision', 'policy', String(this.#revision))
    }
    this.#writes = [...this.#writes, ...this.#allocations.takeWrites()]
    const report = new Report(this.#selection.catalog, this.#selection.locator)
    const starved = [...this.#rows.starved].map((object) => report.shortage(object))
    this.#errors = starved.length === 0 ? errors : [...errors, ...starved].sort(compareErrors)
    yield* this.#store()
    const changes = this.#changes
    this.#changes = []
    const refused = this.#roots.isRefused
    return {
      revision: this.#revision,
      changes,
      errors: this.#errors,
      incomplete: incomplete || refused,
      ...(refused && { refused: 'empty' }),
      objects: this.#rows.count,
    }
  }

  /**
   * Writes down what is new. A change of a few files is one transaction; of the many at a first start a crash can leave
   * a part, of which each write is true by itself.
   */
  *#store(): Generator<void> {
    while (this.#writes.length > 0) {
      this.#options.store.commit(this.#writes.slice(0, transaction))
      this.#writes = this.#writes.slice(transaction)
      yield
    }
  }

  #write(table: string, key: string, value: string | undefined): void {
    this.#writes.push({ table, key, value })
  }
}

/** Writes in one transaction at most. */
const transaction = 5000
