import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from './store.js'

/** Two controllers that write one state would corrupt it: a file names the process that has it. */
export class DirectoryLock {
  readonly #path: string

  /**
   * Takes the directory. What a process left that runs no more does not count.
   * @throws StoreError `locked` where another process has it
   */
  constructor(directory: string) {
    this.#path = join(directory, 'lock')
    const holder = read(this.#path)
    if (holder !== undefined && holder !== own() && isAlive(holder))
      throw new StoreError(
        'locked',
        `state directory ${directory} is in use by process ${holder.split(' ')[0]}`,
      )
    writeFileSync(this.#path, own(), { mode: 0o600 })
  }

  release(): void {
    rmSync(this.#path, { force: true })
  }
}

function own(): string {
  return `${process.pid} ${startTime(process.pid)}`
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.split(' ')
  return startTime(Number(pid)) === start
}

/** When a process started, in clock ticks since boot (proc(5), field 22 of stat): a pid alone may be another's by now. */
function startTime(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined
    throw error
  }
}
