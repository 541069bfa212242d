import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long the event loop was held at most while some work ran: so long an echo has to wait. */
export class EventLoopDelay {
  longestMs = 0

  async during<T>(work: () => Promise<T>): Promise<T> {
    // It counts from timer to timer, so it needs one before and one after.
    const histogram = monitorEventLoopDelay({ resolution: 1 })
    histogram.enable()
    await sleep(5)
    try {
      return await work()
    } finally {
      await sleep(5)
      histogram.disable()
      this.longestMs = Math.max(this.longestMs, histogram.max / 1e6)
    }
  }
}
