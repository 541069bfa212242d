import { map, mergeMap, type Observable, Subject, timer } from 'rxjs'

/**
 * Keeps a version of a file that may be half written waiting until the file has been still for a while. Which versions
 * are doubtful is the caller's knowledge; the others never wait.
 */
export class Settling {
  readonly #waiting = new Map<string, { readonly text: string | undefined; readonly since: number }>()
  readonly #later = new Subject<{ readonly file: string; readonly ms: number }>()
  readonly #now: () => number
  readonly #stillMs: number

  /** @param stillMs milliseconds that a doubtful version has to stay as it is */
  constructor(now: () => number, stillMs: number) {
    this.#now = now
    this.#stillMs = stillMs
  }

  /** Files to look at again. */
  get due(): Observable<string> {
    return this.#later.pipe(mergeMap(({ file, ms }) => timer(ms).pipe(map(() => file))))
  }

  /** Whether this version has to wait; if so, `due` tells when to look again. No text means that the file is gone. */
  waits(file: string, text: string | undefined, doubtful: boolean): boolean {
    const before = this.#waiting.get(file)
    const since = before !== undefined && before.text === text ? before.since : this.#now()
    const left = since + this.#stillMs - this.#now()
    if (!doubtful || left <= 0) {
      this.#waiting.delete(file)
      return false
    }
    this.#waiting.set(file, { text, since })
    this.#later.next({ file, ms: Math.ceil(left) })
    return true
  }

  /** The file is again as it was: nothing of it waits. */
  forget(file: string): void {
    this.#waiting.delete(file)
  }
}
