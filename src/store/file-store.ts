/**
 * The embedded store: one append-only file. Each line is one transaction, so a line that a crash cut short counts as
 * never written. A commit is one small append without waiting for the disk; the disk is told to catch up afterwards.
 * What a loss of power takes are then the last numbers handed out, which the next synchronisation of the hosts puts right.
 */
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DirectoryLock } from './lock.js'
import { MemoryStore, type Store, StoreError, type Write } from './store.js'

const header = '{"sluice":"state","version":1}\n'
const chunk = 1000
/** Bytes of outdated lines that are always worth keeping rather than writing the file anew. */
const slack = 8 << 20

export class FileStore implements Store {
  readonly #rows = new MemoryStore()
  readonly #path: string
  readonly #lock: DirectoryLock
  #file: number | undefined
  /** Bytes of the file, and of those what a file written anew would have at most. */
  #size = 0
  #compactSize = 0
  #syncing = false
  /** Why the disk did not catch up; told to the next commit. */
  #syncFailure: Error | undefined

  /**
   * Opens the state of a directory, which is created where it is missing.
   * @throws StoreError `unreadable`, `corrupt`, or `locked` where another process has it
   */
  constructor(directory: string) {
    this.#path = join(directory, 'state.log')
    try {
      makeDirectory(directory)
      this.#lock = new DirectoryLock(directory)
      this.#file = openSync(this.#path, 'a+', 0o600)
    } catch (cause) {
      if (cause instanceof StoreError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new StoreError('unreadable', `state directory ${directory} cannot be opened: ${reason}`, {
        cause,
      })
    }
    this.#replay()
  }

  table(name: string): ReadonlyMap<string, string> {
    return this.#rows.table(name)
  }

  commit(writes: readonly Write[]): void {
    if (writes.length === 0) return
    if (this.#syncFailure !== undefined) {
      const options = { cause: this.#syncFailure }
      throw new StoreError('unwritable', `${this.#path} did not reach the disk`, options)
    }
    const file = this.#open()
    const line = encode(writes)
    append(file, line, this.#size, this.#path)
    this.#size += line.length
    this.#rows.commit(writes)
    if (this.#size > 4 * this.#compactSize + slack) this.#compact()
    else this.#sync(file)
  }

  /** Waits until the disk has everything and closes the file. */
  close(): void {
    if (this.#file === undefined) return
    fsyncSync(this.#file)
    closeSync(this.#file)
    this.#file = undefined
    this.#lock.release()
  }

  #open(): number {
    if (this.#file === undefined) throw new StoreError('closed', `${this.#path} is closed`)
    return this.#file
  }

  #replay(): void {
    const file = this.#open()
    const bytes = readFileSync(file)
    const whole = bytes.lastIndexOf(0x0a) + 1
    const [first, ...lines] = bytes.toString('utf8', 0, whole).split('\n')
    if (whole > 0 && `${first}\n` !== header) {
      throw new StoreError('corrupt', `${this.#path}:1: not a state file of this version`)
    }
    for (const [index, line] of lines.entries()) {
      if (line !== '') this.#rows.commit(decode(line, `${this.#path}:${index + 2}`))
    }
    if (whole < bytes.length) ftruncateSync(file, whole)
    this.#size = whole
    this.#compact()
  }

  /** Writes the file anew beside the old one and puts it in its place. */
  #compact(): void {
    const beside = `${this.#path}.new`
    let file: number | undefined
    try {
      file = openSync(beside, 'w', 0o600)
      let size = append(file, Buffer.from(header), 0, beside)
      const rows = [...this.#rows.rows()]
      for (let at = 0; at < rows.length; at += chunk) {
        size += append(file, encode(rows.slice(at, at + chunk)), size, beside)
      }
      fsyncSync(file)
      renameSync(beside, this.#path)
      closeSync(this.#open())
      this.#file = file
      this.#size = size
      this.#compactSize = size
    } catch (cause) {
      if (file !== undefined && file !== this.#file) closeSync(file)
      throw new StoreError('unwritable', `${beside} cannot be written`, { cause })
    }
  }

  #sync(file: number): void {
    if (this.#syncing) return
    this.#syncing = true
    fdatasync(file, (error) => {
      this.#syncing = false
      if (error !== null && file === this.#file) this.#syncFailure = error
    })
  }
}

/** Makes a directory and those above it, as `recursive` does, which never returns where a file system makes none (/proc). */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

function encode(writes: readonly Write[]): Buffer {
  const rows = writes.map(({ table, key, value }) => [table, key, value ?? null])
  return Buffer.from(`${JSON.stringify(rows)}\n`)
}

function decode(line: string, place: string): readonly Write[] {
  let rows: unknown
  try {
    rows = JSON.parse(line)
  } catch (cause) {
    throw new StoreError('corrupt', `${place}: not a line of state`, { cause })
  }
  if (!Array.isArray(rows)) throw new StoreError('corrupt', `${place}: not a list of writes`)
  return rows.map((row: unknown) => {
    const [table, key, value]: unknown[] = Array.isArray(row) ? row : []
    if (typeof table === 'string' && typeof key === 'string') {
      if (typeof value === 'string') return { table, key, value }
      if (value === null) return { table, key, value: undefined }
    }
    throw new StoreError('corrupt', `${place}: not a write`)
  })
}

/** Appends at `size`, the end of the file; takes back what a failed write has left there. */
function append(file: number, bytes: Buffer, size: number, path: string): number {
  try {
    let at = 0
    while (at < bytes.length) at += writeSync(file, bytes, at)
    return bytes.length
  } catch (cause) {
    ftruncateSync(file, size)
    throw new StoreError('unwritable', `${path} cannot be written`, { cause })
  }
}
