import { Catalog } from './catalog.js'
import { compareErrors, formatError, PolicyError } from './errors.js'
import type { AnyObject } from './object.js'
import { Report } from './report.js'
import type { Parsed } from './text/parse.js'
import { Locator } from './text/yaml.js'

/** A policy file with its versions. */
interface FileState {
  /** The version on disk. */
  current: Parsed
  /** The last version that was in force without errors. */
  good: Parsed | undefined
  /** The version whose objects are in the catalog. */
  chosen: Parsed | undefined
}

/** A file's new text, read, or undefined where the file is gone; `good` is its last good version of an earlier run. */
export interface FileChange {
  readonly file: string
  readonly parsed: Parsed | undefined
  readonly good?: Parsed | undefined
}

/** What a settlement came to. */
export interface Settled {
  readonly errors: readonly PolicyError[]
  /** Some file has neither a good text nor a last good version: objects that nobody knows may exist. */
  readonly incomplete: boolean
  /** Files whose text on disk came into force, and files that are gone. */
  readonly accepted: readonly Parsed[]
  readonly gone: readonly string[]
}

/** Objects of a file to put or remove between two pauses. */
const slice = 200

/**
 * Which version of each file is in force. The outcome follows from the texts on disk and the last good versions alone,
 * not from the order in which they came: every settlement starts with all files at their texts on disk, and lets fall
 * back, round by round, those that are at fault.
 */
export class Selection {
  readonly catalog = new Catalog()
  readonly locator = new Locator()
  readonly #files = new Map<string, FileState>()
  /** Files whose text on disk is not in force, and objects that are out of force by themselves. */
  readonly #held = new Set<FileState>()
  readonly #excluded = new Set<AnyObject>()

  get files(): Iterable<string> {
    return this.#files.keys()
  }

  has(file: string): boolean {
    return this.#files.has(file)
  }

  /** The text of a file as it was last read; undefined where it could not be. */
  text(file: string): string | undefined {
    const current = this.#files.get(file)?.current
    return current?.errors.some(({ code }) => code === 'unreadable') ? undefined : current?.source.text
  }

  /** Whether these objects of a file in force would be gone with this version of it. */
  loses(file: string, parsed: Parsed): boolean {
    const ids = new Set(parsed.objects.map(({ id }) => id))
    return this.#files.get(file)?.chosen?.objects.some(({ id }) => !ids.has(id)) ?? false
  }

  /** Takes over changed files. Pauses now and then; the catalog is in order only at the end. */
  *settle(changes: readonly FileChange[]): Generator<void, Settled> {
    const affected = new Set(this.#held)
    for (const object of this.#excluded) {
      this.catalog.put(object)
      yield
    }
    this.#excluded.clear()
    const gone: string[] = []
    for (const { file, parsed, good } of changes) {
      if (parsed !== undefined) affected.add(this.#take(file, parsed, good))
      else if (yield* this.#remove(file)) gone.push(file)
    }
    for (const state of affected) {
      if (this.#files.get(state.current.source.file) === state) yield* this.#choose(state, base(state))
      else affected.delete(state)
      yield
    }
    const errors = yield* this.#rounds()
    const accepted: Parsed[] = []
    for (const state of affected) {
      if (state.chosen !== state.current) {
        this.#held.add(state)
        errors.push(...ownErrors(state))
        continue
      }
      this.#held.delete(state)
      if (state.good !== state.current) accepted.push(state.current)
      state.good = state.current
    }
    errors.push(...this.#missing())
    const incomplete = [...this.#held].some(({ chosen }) => chosen === undefined)
    yield
    return { errors: inOrder(errors), incomplete, accepted, gone }
  }

  /** Notes a file's text; the same text as before is the same version. */
  #take(file: string, parsed: Parsed, good: Parsed | undefined): FileState {
    const state = this.#files.get(file) ?? { current: parsed, good, chosen: undefined }
    this.#files.set(file, state)
    const same = (version: Parsed | undefined) =>
      parsed.errors.length === 0 && version?.source.text === parsed.source.text
    state.current = [state.good, state.current].find(same) ?? parsed
    return state
  }

  *#remove(file: string): Generator<void, boolean> {
    const state = this.#files.get(file)
    if (state === undefined) return false
    yield* this.#choose(state, undefined)
    this.#held.delete(state)
    return this.#files.delete(file)
  }

  *#choose(state: FileState, version: Parsed | undefined): Generator<void> {
    if (state.chosen === version) return
    let count = 0
    for (const object of state.chosen?.objects ?? []) {
      this.catalog.remove(object)
      if (++count % slice === 0) yield
    }
    for (const object of version?.objects ?? []) {
      this.catalog.put(object)
      if (++count % slice === 0) yield
    }
    state.chosen = version
  }

  /** Lets files, and where those cannot, objects fall until nothing is wrong between those that are left. */
  *#rounds(): Generator<void, PolicyError[]> {
    const errors: PolicyError[] = []
    for (;;) {
      const problems = yield* this.catalog.check()
      if (problems.length === 0) return errors
      const report = new Report(this.catalog, this.locator, this.#waiting())
      for (const problem of problems) {
        errors.push(report.error(problem))
        yield
      }
      let falling = this.#fallible(problems.map(({ object }) => object))
      if (falling.size === 0) {
        const rivals = problems.filter(({ other }) => other && this.#fallible([other.object]).size > 0)
        for (const problem of rivals) {
          errors.push(...report.heldBack(problem))
          yield
        }
        falling = this.#fallible(rivals.flatMap(({ other }) => other?.object ?? []))
      }
      for (const state of falling) yield* this.#choose(state, state.good)
      if (falling.size > 0) continue
      for (const { object } of problems) {
        this.catalog.remove(object)
        this.#excluded.add(object)
        yield
      }
    }
  }

  /** What documents with errors refer to and nobody declares. */
  *#missing(): Generator<PolicyError> {
    const partial = [...this.#held].flatMap(({ current }) => current.partial)
    if (partial.length === 0) return
    const waiting = this.#waiting()
    const report = new Report(this.catalog, this.locator)
    for (const object of partial)
      for (const problem of this.catalog.missing(object))
        if (problem.missing === undefined || !waiting.has(problem.missing)) yield report.error(problem)
  }

  /** The files of these objects that have a last good version, or none, to fall back to. */
  #fallible(objects: readonly AnyObject[]): ReadonlySet<FileState> {
    const states = objects.flatMap(({ source }) => this.#files.get(source.file) ?? [])
    return new Set(states.filter(({ current, good, chosen }) => chosen === current && good !== current))
  }

  /** Files by the ids of objects that they declare, but that are not in force; of several the first by name. */
  #waiting(): ReadonlyMap<string, string> {
    const waiting = new Map<string, string>()
    const note = (id: string, file: string) => {
      const other = waiting.get(id)
      if (other === undefined || file < other) waiting.set(id, file)
    }
    for (const { id, source } of this.#excluded) note(id, source.file)
    for (const { current, chosen } of this.#files.values()) {
      if (chosen === current) continue
      for (const id of current.broken) note(id, current.source.file)
      for (const { id } of current.objects) note(id, current.source.file)
    }
    return waiting
  }
}

/** The version that a settlement starts from: the text on disk unless that is broken by itself. */
function base(state: FileState): Parsed | undefined {
  return ownErrors(state).length === 0 ? state.current : state.good
}

/** What is wrong with the text on disk by itself. An emptied file is one that somebody is still writing. */
function ownErrors({ current: { source, errors }, good }: FileState): readonly PolicyError[] {
  if (source.text.trim() !== '' || good === undefined || good.objects.length === 0) return errors
  const place = { file: source.file, line: 1, column: 1 }
  return [new PolicyError('empty-file', place, 'file has become empty: delete it to delete its objects')]
}

/** In the order of a report, each once. */
function inOrder(errors: readonly PolicyError[]): readonly PolicyError[] {
  const unique = new Map(errors.map((error) => [formatError(error), error]))
  return [...unique.values()].sort(compareErrors)
}
