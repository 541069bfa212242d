import type { Logger } from 'pino'

/** The last line about something, and how many there would have been since. */
interface Told {
  readonly atMs: number
  leftOut: number
}

/** Things of which the last line is remembered. */
const remembered = 4096

/** Warnings of what others can cause as often as they like: about each thing a line now and then, with how many it stands for. */
export class SparingLog {
  readonly #told = new Map<string, Told>()

  constructor(
    readonly log: Logger,
    readonly now: () => number,
    /** Milliseconds between two lines about the same thing. */
    readonly everyMs = 10_000,
  ) {}

  /** @param about what the line is about */
  warn(about: string, fields: object, text: string): void {
    const told = this.#told.get(about)
    const atMs = this.now()
    if (told && atMs - told.atMs < this.everyMs) {
      told.leftOut++
      return
    }
    this.#told.delete(about)
    this.#told.set(about, { atMs, leftOut: 0 })
    const [oldest] = this.#told.keys()
    if (this.#told.size > remembered && oldest !== undefined) this.#told.delete(oldest)
    this.log.warn(told?.leftOut ? { ...fields, leftOut: told.leftOut } : fields, text)
  }
}
