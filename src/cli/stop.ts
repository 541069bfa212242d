import type { Io } from './io.js'

/** Calls `work` with a signal that is aborted at SIGINT or SIGTERM, so that it can take back what it has begun. */
export async function whileRunning<R>(
  { signals }: Io,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const stop = new AbortController()
  const abort = () => stop.abort()
  signals.on('SIGINT', abort).on('SIGTERM', abort)
  try {
    return await work(stop.signal)
  } finally {
    signals.off('SIGINT', abort).off('SIGTERM', abort)
  }
}
