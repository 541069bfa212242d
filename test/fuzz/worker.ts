/** Runs one kind of attempt many times, and tells how far it is. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { tryFrame } from './dhcp.js'
import { tryAnnouncement } from './lldp.js'
import { tryMessage } from './messages.js'
import { randomOf } from './mutate.js'
import { tryQuestion } from './stations.js'
import { tryStranded } from './stranded.js'
import { tryText } from './texts.js'

export interface Work {
  readonly kind: keyof typeof attempts
  readonly count: number
  readonly seed: number
  /** Milliseconds since the epoch after which it ends early. */
  readonly until: number
}

export interface Progress {
  readonly done: number
  readonly decoded: number
  /** Bytes in use after a collection. */
  readonly heapBytes: number
  readonly failure?: string
  readonly finished: boolean
}

const attempts = {
  messages: tryMessage,
  texts: tryText,
  dhcp: tryFrame,
  stations: tryQuestion,
  stranded: tryStranded,
  lldp: tryAnnouncement,
}
/** Attempts between two reports; the seed of each attempt is the run's plus its number. */
const batch = 20_000

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

function run({ kind, count, seed, until }: Work): void {
  const attempt = attempts[kind]
  let decoded = 0
  let done = 0
  const report = (finished: boolean, failure?: string) => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    const heapBytes = heapUsed + external
    const progress: Progress = {
      done,
      decoded,
      heapBytes,
      finished,
      ...(failure === undefined ? {} : { failure }),
    }
    parentPort?.postMessage(progress)
  }
  while (done < count && Date.now() < until) {
    for (const end = Math.min(count, done + batch); done < end; done++) {
      try {
        if (attempt(randomOf(seed + done)) === 'decoded') decoded++
      } catch (error) {
        report(true, `${kind} seed ${seed + done}: ${error instanceof Error ? error.stack : String(error)}`)
        return
      }
    }
    report(false)
  }
  report(true)
}

run(workerData as Work)
