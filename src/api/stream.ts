import { setImmediate } from 'node:timers/promises'
import { createJSONRPCNotification } from 'json-rpc-2.0'
import type { Observable } from 'rxjs'
import { toJson } from './json.js'
import type { Peer } from './peer.js'
import type { Batch, Items } from './protocol.js'

/** Items in a notification: a few milliseconds of work, some hundred kilobytes of text. */
const batchSize = 256
/** Events that may wait for a client that reads slowly. */
const maxWaiting = 100_000

/** A client does not read what it subscribed to as fast as it happens. */
export class TooSlowError extends Error {
  override readonly name = 'TooSlowError'
  readonly code = 'too-slow'
  constructor() {
    super(`more than ${maxWaiting} events wait for this client`)
  }
}

/** Where the items of a streaming request go. */
export interface Sink<M extends keyof Items> {
  readonly method: M
  readonly subscription: Batch<unknown>['subscription']
  readonly peer: Peer
}

function send<M extends keyof Items>(sink: Sink<M>, items: readonly Items[M][]): Promise<void> {
  const batch: Batch<Items[M]> = { subscription: sink.subscription, items }
  return sink.peer.send(toJson(createJSONRPCNotification(sink.method, batch)))
}

/** Sends items in batches, as fast as the client takes them; between two batches everyone else has a turn. */
export async function streamItems<M extends keyof Items>(
  sink: Sink<M>,
  items: AsyncIterable<Items[M]> | Iterable<Items[M]>,
): Promise<{ count: number }> {
  let count = 0
  let batch: Items[M][] = []
  for await (const item of items) {
    batch.push(item)
    count++
    if (batch.length < batchSize) continue
    await send(sink, batch)
    await setImmediate()
    batch = []
  }
  if (batch.length > 0) await send(sink, batch)
  return { count }
}

/**
 * Sends events as they happen until they end or the client does. The first batch is empty: from then on nothing is
 * missed. `keep` says what a client that reads slowly gets: all that happened, or only what is true now.
 * @throws TooSlowError where more happens than can be kept
 */
export async function streamEvents<M extends keyof Items>(
  sink: Sink<M>,
  events: Observable<Items[M]>,
  keep: 'all' | 'latest',
): Promise<{ count: number }> {
  const { ended } = sink.peer
  let waiting: Items[M][] = []
  let over = ended.aborted
  let failure: { readonly error: unknown } | undefined
  let wake = () => {}
  const end = () => {
    over = true
    wake()
  }
  ended.addEventListener('abort', end)
  const running = events.subscribe({
    next: (event) => {
      if (over) return
      if (keep === 'latest') waiting = []
      if (waiting.push(event) > maxWaiting) {
        failure = { error: new TooSlowError() }
        waiting = []
        end()
      } else wake()
    },
    error: (error: unknown) => {
      failure = { error }
      end()
    },
    complete: end,
  })
  try {
    let count = 0
    if (failure === undefined) await send(sink, [])
    for (;;) {
      if (failure !== undefined) throw failure.error
      const batch = waiting.splice(0, batchSize)
      if (batch.length > 0) {
        await send(sink, batch)
        count += batch.length
      } else if (over) return { count }
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    running.unsubscribe()
    ended.removeEventListener('abort', end)
  }
}
