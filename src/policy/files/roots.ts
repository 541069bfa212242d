import { join, resolve, sep } from 'node:path'
import { isDirectory, listFiles } from './files.js'

/** Which directories are taken at their word when they are missing or empty. */
export type Obeyed = (directory: string) => boolean

/**
 * The directories that policy files are below. One that is missing, or has no file when the controller starts, is taken
 * for an accident: it is refused, and what is known of its files stays.
 */
export class Roots {
  readonly #refused = new Set<string>()
  /** Directories that have had files: whoever deletes the last one means it. */
  readonly #seen = new Set<string>()

  constructor(
    readonly directories: readonly string[],
    private readonly obeyed: Obeyed,
  ) {}

  get isRefused(): boolean {
    return this.#refused.size > 0
  }

  /** Paths of all files, as they are now. */
  list(): string[] {
    return this.directories.flatMap((directory) => {
      const files = listFiles(directory)
      if (files && files.length > 0) this.#find(directory)
      else if (this.obeyed(directory) || (files && this.#seen.has(directory))) this.#refused.delete(directory)
      else this.#refused.add(directory)
      return files ?? []
    })
  }

  /** Looks which directories have gone or are there again; true where that is news. */
  look(): boolean {
    const before = [...this.#refused].join()
    for (const directory of this.directories) {
      if (this.obeyed(directory)) continue
      if (!isDirectory(directory)) this.#refused.add(directory)
      else if (this.#refused.has(directory) && (listFiles(directory) ?? []).length > 0) this.#find(directory)
    }
    return [...this.#refused].join() !== before
  }

  /** Whether what is known of a file stays, though the file is not there. */
  keeps(path: string): boolean {
    return [...this.#refused].some((directory) => isBelow(directory, path))
  }

  #find(directory: string): void {
    this.#seen.add(directory)
    this.#refused.delete(directory)
  }
}

/** Whether a path is below a directory. */
export function isBelow(directory: string, path: string): boolean {
  return resolve(path).startsWith(join(resolve(directory), sep))
}
