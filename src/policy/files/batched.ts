import { setImmediate } from 'node:timers/promises'
import { Observable, type OperatorFunction } from 'rxjs'

/**
 * Takes values to `work` in the same turn of the event loop, with all else that the turn brought; what arrives while it
 * is busy is taken together, each value once, as the next batch.
 * An error of `work` ends the result.
 */
export function batched<T, R>(work: (values: ReadonlySet<T>) => Promise<R>): OperatorFunction<T, R> {
  return (source) =>
    new Observable((subscriber) => {
      let waiting = new Set<T>()
      let busy = false
      const run = async (): Promise<void> => {
        if (busy) return
        busy = true
        try {
          for (;;) {
            await setImmediate()
            if (waiting.size === 0 || subscriber.closed) break
            const values = waiting
            waiting = new Set()
            subscriber.next(await work(values))
          }
        } catch (error) {
          subscriber.error(error)
        }
        busy = false
      }
      return source.subscribe({
        next: (value) => {
          waiting.add(value)
          void run()
        },
        error: (error: unknown) => subscriber.error(error),
      })
    })
}
