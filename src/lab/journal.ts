import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { LabError } from './error.js'
import { journalPath, type Site } from './names.js'
import { isThing, keyOf, type Thing } from './thing.js'

/** A thing that the journal knows: begun, and done once it was complete. */
export interface Entry {
  readonly thing: Thing
  readonly done: boolean
}

interface Line {
  readonly op: 'begin' | 'done' | 'gone'
  readonly thing: Thing
}

/**
 * What exists, as far as was written down: each thing is noted before it is made and again when it is
 * complete, so that a lab whose builder died half-way can be taken down or finished.
 * A line that is not whole (the builder died while writing it) is left out.
 */
export function replay(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const line of text.split('\n')) {
    const record = parseLine(line)
    if (record === undefined) continue
    const key = keyOf(record.thing)
    if (record.op === 'gone') entries.delete(key)
    else entries.set(key, { thing: record.thing, done: record.op === 'done' })
  }
  return entries
}

function parseLine(line: string): Line | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof value !== 'object' || value === null || !('op' in value) || !('thing' in value)) return undefined
  const { op, thing } = value
  return (op === 'begin' || op === 'done' || op === 'gone') && isThing(thing) ? { op, thing } : undefined
}

export class Journal {
  readonly #path: string
  readonly entries: Map<string, Entry>

  private constructor(path: string, entries: Map<string, Entry>) {
    this.#path = path
    this.entries = entries
  }

  /** The journal of a lab that may be there or not; an earlier one is read and written anew without what is gone. */
  static open(site: Site): Journal {
    const path = journalPath(site)
    const entries = existsSync(path) ? replay(readFileSync(path, 'utf8')) : new Map<string, Entry>()
    const lines = [...entries.values()].map(({ thing, done }) => format(done ? 'done' : 'begin', [thing]))
    writeFileSync(`${path}.new`, lines.join(''))
    renameSync(`${path}.new`, path)
    return new Journal(path, entries)
  }

  /** The entries of a lab, without writing anything. Throws LabError `not-running`. */
  static read(site: Site): Map<string, Entry> {
    const path = journalPath(site)
    if (!existsSync(path)) throw new LabError('not-running', `lab ${site.name} is not up`)
    return replay(readFileSync(path, 'utf8'))
  }

  begin(things: readonly Thing[]): void {
    this.#append('begin', things)
    for (const thing of things) this.entries.set(keyOf(thing), { thing, done: false })
  }

  done(things: readonly Thing[]): void {
    this.#append('done', things)
    for (const thing of things) this.entries.set(keyOf(thing), { thing, done: true })
  }

  gone(things: readonly Thing[]): void {
    this.#append('gone', things)
    for (const thing of things) this.entries.delete(keyOf(thing))
  }

  #append(op: Line['op'], things: readonly Thing[]): void {
    if (things.length > 0) appendFileSync(this.#path, format(op, things))
  }
}

/** Each line begins on a new one, whatever a torn line before it left. */
const format = (op: Line['op'], things: readonly Thing[]): string =>
  things.map((thing) => `\n${JSON.stringify({ op, thing } satisfies Line)}`).join('')
