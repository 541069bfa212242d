import type { Timer } from '../../../src/ovsdb/index.js'

/** Time that passes only when a test says so. */
export class ManualTimer {
  #now = 0
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>()

  readonly timer: Timer = (delayMs, run) => {
    const entry = { at: this.#now + delayMs, run }
    this.#waiting.add(entry)
    return () => this.#waiting.delete(entry)
  }

  /** Delays of what waits now, shortest first. */
  get delays(): number[] {
    return [...this.#waiting].map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  /** Lets time pass and runs what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#now = next.at
      this.#waiting.delete(next)
      next.run()
    }
    this.#now = end
  }
}
