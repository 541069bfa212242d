/**
 * Runs a computation that yields where it can be interrupted. The first slice runs at once; if it is not the last, the
 * others each take a turn of the event loop of their own.
 */
export function inSlices<T>(computation: Generator<void, T>): T | Promise<T> {
  const step = computation.next()
  return step.done ? step.value : runOn(computation)
}

async function runOn<T>(computation: Generator<void, T>): Promise<T> {
  for (;;) {
    await nextTurn()
    const step = computation.next()
    if (step.done) return step.value
  }
}

/** Resolves when the event loop has looked after everything else. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
