/** Time as an argument, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number
  /** Calls back once after `delayMs`; the answer cancels. */
  schedule(delayMs: number, callback: () => void): () => void
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
