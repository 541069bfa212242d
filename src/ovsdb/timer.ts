/** Runs something later; the function that it returns calls it off. */
export type Timer = (delayMs: number, run: () => void) => () => void

/** The clock of the process. */
export const systemTimer: Timer = (delayMs, run) => {
  const handle = setTimeout(run, delayMs)
  return () => clearTimeout(handle)
}
