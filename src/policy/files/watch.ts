/**
 * Tells which policy files may have changed. One watch per directory, which on Linux reports every change of a file in
 * it at once; no delay, and no memory of what a file was before: the reader compares.
 */
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Observable } from 'rxjs'
import { isIgnored, isPolicyFile, readDirectory } from './files.js'

/**
 * Paths of files that were written, put or removed below the directories, as `listFiles` writes them. A path that ends
 * in a slash is of a directory that came, went or was replaced: everything below it may have changed.
 */
export function watchFiles(directories: readonly string[]): Observable<string> {
  return new Observable((subscriber) => {
    const tree = new Tree(
      (path) => subscriber.next(path),
      (error) => subscriber.error(error),
    )
    for (const directory of directories) tree.root(directory)
    return () => tree.close()
  })
}

class Tree {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #changed: (path: string) => void
  readonly #failed: (error: unknown) => void

  constructor(changed: (path: string) => void, failed: (error: unknown) => void) {
    this.#changed = changed
    this.#failed = failed
  }

  /** Watches a directory that may be missing; its parent, which has to be there, tells when it comes. */
  root(directory: string): void {
    this.#below(directory)
    const parent = dirname(resolve(directory))
    const name = basename(resolve(directory))
    this.#watch(`parent of ${directory}`, parent, (changed) => {
      if (changed === null || changed === name) this.#arrived(directory)
    })
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** Watches a directory and all below it. */
  #below(directory: string): void {
    const watched = this.#watch(directory, directory, (name) => {
      if (name === null) this.#arrived(directory)
      else if (!isIgnored(name)) this.#entry(join(directory, name))
    })
    if (!watched) return
    for (const entry of readDirectory(directory) ?? []) {
      if (entry.isDirectory() && !isIgnored(entry.name)) this.#below(join(directory, entry.name))
    }
  }

  #entry(path: string): void {
    if (isPolicyFile(path)) this.#changed(path)
    if (readDirectory(path) !== undefined || this.#watchers.has(path)) this.#arrived(path)
  }

  /** A directory came, went, or was replaced: watches it anew before anyone reads it. */
  #arrived(directory: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== directory && !path.startsWith(`${directory}/`)) continue
      watcher.close()
      this.#watchers.delete(path)
    }
    this.#below(directory)
    this.#changed(`${directory}/`)
  }

  #watch(key: string, directory: string, tell: (name: string | null) => void): boolean {
    try {
      const watcher = watch(directory, (_event, name) => tell(name))
      watcher.on('error', (error) => this.#failed(error))
      this.#watchers.set(key, watcher)
      return true
    } catch (error) {
      const gone =
        error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))
      if (!gone) this.#failed(error)
      return false
    }
  }
}
