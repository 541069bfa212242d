import { once } from 'node:events'

/** Waits for a key on the terminal; Ctrl-C is a key like any other meanwhile. Throws the signal's reason once it aborts. */
export async function untilKey(terminal: NodeJS.ReadStream, signal: AbortSignal): Promise<void> {
  terminal.setRawMode(true)
  try {
    await once(terminal, 'data', { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    terminal.setRawMode(false)
    terminal.pause()
  }
}
