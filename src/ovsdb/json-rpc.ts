import type { Duplex } from 'node:stream'
import { CanceledError, ConnectionError, ProtocolError, RequestError, TimeoutError } from './errors.js'
import { formatJson, isArray, isObject, type Json } from './json.js'
import { JsonReader } from './json-reader.js'
import { showJson } from './json-value.js'
import { nextTurn } from './slices.js'
import type { Timer } from './timer.js'

// The package json-rpc-2.0 does not fit: it stamps `"jsonrpc":"2.0"` on what it sends (ovsdb-server hangs up on that),
// refuses replies without it, and treats errors as {code, message}. What would be left of it is the map below.

const PROBE_ID = 'echo'
/** After a chunk of at least this size, the event loop gets a turn before the next one. */
const LARGE_CHUNK = 32 * 1024

export interface JsonRpcOptions {
  /** Silence after which an echo is sent; after the same time again without a byte the connection is given up. 0: never. */
  readonly probeIntervalMs: number
  /** The longest text accepted. */
  readonly maxTextBytes: number
  readonly timer: Timer
  /** Called for every notification. No later message is looked at until a promise that it returns has settled. */
  readonly onNotification: (method: string, params: readonly Json[]) => unknown
  /** Called once, when the connection has ended for whatever reason, and no message is being handled any more. */
  readonly onClose: (reason: Error) => void
}

export interface RequestOptions {
  /** Asks the peer to cancel, and rejects with TimeoutError, when no reply came in this time. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Asks the peer to cancel: the request settles with what the peer replies, or with CanceledError if it says no more. */
  readonly signal?: AbortSignal | undefined
}

interface Pending {
  readonly method: string
  /** Returns a promise when the result takes more than this turn to read. */
  readonly succeed: (result: Json) => Promise<unknown> | undefined
  readonly fail: (error: Error) => void
}

/** One end of a JSON-RPC 1.0 connection over a stream of bytes (RFC 7047 §4). */
export class JsonRpc {
  readonly #stream: Duplex
  readonly #options: JsonRpcOptions
  readonly #reader: JsonReader
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #closed: Error | undefined
  /** Settles when what was received is handled; undefined when it is. */
  #handling: Promise<void> | undefined
  #heard = true
  #cancelProbe: () => void = () => {}

  constructor(stream: Duplex, options: JsonRpcOptions) {
    this.#stream = stream
    this.#options = options
    this.#reader = new JsonReader(options.maxTextBytes)
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('error', (cause) => this.close(new ConnectionError(cause.message, { cause })))
    stream.on('end', () => this.close(new ConnectionError('the peer closed the connection')))
    stream.on('close', () => this.close(new ConnectionError('the connection closed')))
    if (options.probeIntervalMs > 0) this.#scheduleProbe(false)
  }

  /**
   * Sends a request. `read` turns the result into the caller's value; it runs, and if it is asynchronous ends, before
   * any later message is looked at, so that what it starts cannot miss a notification.
   * @throws RequestError, ConnectionError, TimeoutError, ProtocolError (rejections)
   */
  request<T>(
    method: string,
    params: readonly Json[],
    read: (result: Json) => T | Promise<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new ConnectionError(`${method}: not connected`, { cause: this.#closed })
      const id = ++this.#lastId
      const { timeoutMs, signal } = options
      this.#send({ method, params, id })
      const cancel = () => this.#cancel(id)
      const expire = (limitMs: number) => {
        settled()
        this.#pending.delete(id)
        this.notify('cancel', [id])
        reject(new TimeoutError(method, limitMs))
      }
      const cancelTimer =
        timeoutMs === undefined ? undefined : this.#options.timer(timeoutMs, () => expire(timeoutMs))
      signal?.addEventListener('abort', cancel)
      const settled = () => {
        cancelTimer?.()
        signal?.removeEventListener('abort', cancel)
      }
      this.#pending.set(id, {
        method,
        succeed: (result) => {
          settled()
          try {
            const value = read(result)
            resolve(value)
            if (value instanceof Promise) return Promise.allSettled([value])
          } catch (error) {
            reject(error)
          }
          return undefined
        },
        fail: (error) => {
          settled()
          reject(error)
        },
      })
    })
  }

  /**
   * Sends a notification; there is no reply.
   * @throws ConnectionError
   */
  notify(method: string, params: readonly Json[]): void {
    if (this.#closed) throw new ConnectionError(`${method}: not connected`, { cause: this.#closed })
    this.#send({ method, params, id: null })
  }

  /** Ends the connection and rejects every request in flight. Later calls do nothing. */
  close(reason: Error): void {
    if (this.#closed) return
    this.#closed = reason
    this.#cancelProbe()
    this.#stream.destroy()
    for (const { method, fail } of this.#pending.values()) {
      fail(
        new ConnectionError(`${method}: no reply, ${reason.message}`, {
          cause: reason,
          mayHaveBeenApplied: true,
        }),
      )
    }
    this.#pending.clear()
    const { onClose } = this.#options
    if (this.#handling) void this.#handling.then(() => onClose(reason))
    else onClose(reason)
  }

  /** Replies come in order: an echo that overtakes the cancelled request shows that no reply to it will come. */
  #cancel(id: number): void {
    this.notify('cancel', [id])
    const echo = ++this.#lastId
    this.#send({ method: 'echo', params: [], id: echo })
    const abandon = (): undefined => {
      const pending = this.#pending.get(id)
      this.#pending.delete(id)
      pending?.fail(new CanceledError(`${pending.method}: cancelled`, { mayHaveBeenApplied: true }))
    }
    this.#pending.set(echo, { method: 'echo', succeed: abandon, fail: abandon })
  }

  #send(message: Json): void {
    this.#stream.write(formatJson(message))
  }

  #receive(chunk: Buffer): void {
    this.#heard = true
    try {
      const rest = this.#handle(this.#reader.push(chunk).values())
      if (rest) this.#pauseFor(rest)
      else if (chunk.length >= LARGE_CHUNK) this.#pauseFor(nextTurn())
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Handles messages one after the other. Returns a promise when one of them needs more than this turn. */
  #handle(messages: IterableIterator<Json>): Promise<void> | undefined {
    for (const message of messages) {
      if (this.#closed) return undefined
      const work = this.#dispatch(message)
      if (work) return work.then(() => this.#handle(messages))
    }
    return undefined
  }

  /** Receives nothing until some work is done. */
  #pauseFor(work: Promise<void>): void {
    this.#stream.pause()
    this.#handling = work
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#handling = undefined
        this.#stream.resume()
      })
  }

  #fail(error: unknown): void {
    this.close(
      error instanceof Error ? error : new ProtocolError('a message could not be handled', { cause: error }),
    )
  }

  #dispatch(message: Json): Promise<unknown> | undefined {
    if (!isObject(message)) throw new ProtocolError('a message is not an object')
    const { method, params = [], id = null, result = null, error = null } = message
    if (method === undefined) {
      return this.#settle(id, result, error)
    } else if (typeof method !== 'string' || !isArray(params)) {
      throw new ProtocolError('a request lacks its method or parameters')
    } else if (id === null) {
      const work = this.#options.onNotification(method, params)
      return work instanceof Promise ? work : undefined
    } else if (method === 'echo') {
      this.#send({ id, result: params, error: null })
    } else {
      this.#send({ id, result: null, error: 'unknown method' })
    }
    return undefined
  }

  #settle(id: Json, result: Json, error: Json): Promise<unknown> | undefined {
    if (id === PROBE_ID) return undefined
    if (typeof id !== 'number') throw new ProtocolError(`a reply to ${showJson(id)}, which was never asked`)
    const pending = this.#pending.get(id)
    // The reply to a request that timed out may still come.
    if (!pending && id >= 1 && id <= this.#lastId) return undefined
    if (!pending) throw new ProtocolError(`a reply to ${id}, which was never asked`)
    this.#pending.delete(id)
    if (error === null) return pending.succeed(result)
    pending.fail(new RequestError(pending.method, error))
    return undefined
  }

  #scheduleProbe(probed: boolean): void {
    this.#heard = false
    const { probeIntervalMs, timer } = this.#options
    this.#cancelProbe = timer(probeIntervalMs, () => {
      if (this.#heard) return this.#scheduleProbe(false)
      if (probed)
        return this.close(new ConnectionError(`the peer has been silent for ${2 * probeIntervalMs} ms`))
      this.#send({ method: 'echo', params: [], id: PROBE_ID })
      this.#scheduleProbe(true)
    })
  }
}
