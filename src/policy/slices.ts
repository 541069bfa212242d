/** Work that pauses: a generator that yields wherever the event loop may take over. */
import { setImmediate } from 'node:timers/promises'

/** Runs to the end without a pause. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** Runs to the end; gives the event loop a turn whenever `budgetMs` milliseconds of work went by. */
export async function runInSlices<T>(work: Generator<void, T>, now: () => number, budgetMs = 10): Promise<T> {
  let until = now() + budgetMs
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    if (now() < until) continue
    await setImmediate()
    until = now() + budgetMs
  }
}
