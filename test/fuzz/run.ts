import { Worker } from 'node:worker_threads'
import type { Progress, Work } from './worker.js'

export interface Outcome {
  readonly done: number
  /** How many were still messages or texts. */
  readonly decoded: number
  /** Growth of the memory in use from the first report to the last, after a collection each. */
  readonly grownBytes: number
  readonly failure?: string
}

/** A batch of damaged input takes well under a second; this long means that one of them never ends. */
const hangMs = 60_000

/** Runs the work in a thread of its own, so that a hang is seen. */
export function fuzz(work: Work, tell: (progress: Progress) => void = () => undefined): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: work })
    let first: Progress | undefined
    let last: Progress | undefined
    const end = (failure?: string) => {
      clearTimeout(timer)
      void worker.terminate()
      const grownBytes = (last?.heapBytes ?? 0) - (first?.heapBytes ?? 0)
      const { done = 0, decoded = 0 } = last ?? {}
      resolve({ done, decoded, grownBytes, ...(failure === undefined ? {} : { failure }) })
    }
    const hang = () => end(`${work.kind}: no end of an attempt after ${work.seed + (last?.done ?? 0)}`)
    let timer = setTimeout(hang, hangMs)
    worker.on('error', reject)
    worker.on('message', (progress: Progress) => {
      clearTimeout(timer)
      timer = setTimeout(hang, hangMs)
      first ??= progress
      last = progress
      tell(progress)
      if (progress.finished) end(progress.failure)
    })
  })
}
