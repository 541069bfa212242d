import { createConnection, type Socket } from 'node:net'
import { createJSONRPCRequest, isJSONRPCRequest, isJSONRPCResponse } from 'json-rpc-2.0'
import type {
  Explanation,
  FlowEvent,
  FlowQuery,
  FlowView,
  LogEntry,
  LogQuery,
  ObjectView,
  Status,
} from './contract.js'
import { toJson } from './json.js'
import { lines } from './lines.js'
import type { Batch, Items, Method, Results } from './protocol.js'

/** No controller answers at the socket. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  readonly code = 'unreachable'
  constructor(
    readonly socket: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`no controller answers at ${socket}: ${reason}`, options)
  }
}

/** The controller answered with an error; `code` is that of a {@link RequestError}, or says what was wrong. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/**
 * A client of a controller on this machine. Every call has its own connection, so that a stream that is read slowly holds
 * up nothing else, and ends at the controller as soon as it is left.
 *
 * All methods throw {@link UnreachableError} and {@link AnswerError}.
 */
export class Client {
  constructor(private readonly path: string) {}

  status(): Promise<Status> {
    return this.#call('status')
  }

  explain(cookie: bigint): Promise<Explanation | null> {
    return this.#call('explain', { cookie: String(cookie) })
  }

  reread(): Promise<null> {
    return this.#call('reread')
  }

  /** The first status that has converged after a reread, or the status after `seconds`. */
  wait(seconds: number): Promise<Status> {
    return this.#call('wait', { seconds })
  }

  get(kind: string, name?: string): AsyncGenerator<ObjectView> {
    return this.#items('get', { kind, ...(name !== undefined && { name }) })
  }

  flows(query: FlowQuery): AsyncGenerator<FlowView> {
    return this.#items('flows', { query })
  }

  /** Ends when the caller leaves the loop. */
  async *follow(query: FlowQuery): AsyncGenerator<FlowEvent> {
    for await (const events of this.#batches('follow', { query })) yield* events
  }

  /** Decisions of rules that log, as far as the controller remembers them. */
  log(query: LogQuery): AsyncGenerator<LogEntry> {
    return this.#items('log', { query })
  }

  /** The same, then those that come, until the caller leaves the loop or aborts. */
  followLog(query: LogQuery, signal?: AbortSignal): AsyncGenerator<LogEntry> {
    return this.#items('followLog', { query }, signal)
  }

  /** The status now and after each change, until the caller leaves the loop or aborts. */
  watch(signal?: AbortSignal): AsyncGenerator<Status> {
    return this.#items('watch', {}, signal)
  }

  async #call<M extends Exclude<Method, keyof Items>>(method: M, params?: object): Promise<Results[M]> {
    for await (const message of this.#messages(method, params))
      if (isJSONRPCResponse(message)) return message.result
    throw this.#cutOff()
  }

  async *#items<M extends keyof Items>(
    method: M,
    params: object,
    signal?: AbortSignal,
  ): AsyncGenerator<Items[M]> {
    for await (const batch of this.#batches(method, params, signal)) yield* batch
  }

  async *#batches<M extends keyof Items>(
    method: M,
    params: object,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Items[M][]> {
    for await (const message of this.#messages(method, { subscription: 1, ...params }, signal)) {
      if (isJSONRPCResponse(message)) return
      if (isJSONRPCRequest(message)) {
        const batch: Batch<Items[M]> = message.params
        yield batch.items
      }
    }
    if (!signal?.aborted) throw this.#cutOff()
  }

  async *#messages(method: Method, params?: object, signal?: AbortSignal): AsyncGenerator<object> {
    const socket = await connect(this.path)
    const destroy = () => socket.destroy()
    if (signal?.aborted) destroy()
    signal?.addEventListener('abort', destroy)
    try {
      socket.write(`${toJson(createJSONRPCRequest(1, method, params))}\n`)
      for await (const line of lines(socket)) {
        const message: object = JSON.parse(line)
        if (isJSONRPCResponse(message) && message.error !== undefined) {
          const { code, message: text, data } = message.error
          throw new AnswerError(data?.code ?? String(code), text)
        }
        yield message
      }
    } catch (error) {
      if (error instanceof AnswerError) throw error
      if (!signal?.aborted) throw this.#cutOff(error)
    } finally {
      signal?.removeEventListener('abort', destroy)
      socket.destroy()
    }
  }

  #cutOff(cause?: unknown): UnreachableError {
    return new UnreachableError(this.path, 'it ended before it had answered', { cause })
  }
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    const fail = (error: NodeJS.ErrnoException) =>
      reject(new UnreachableError(path, reasonOf(error), { cause: error }))
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.removeListener('error', fail)
      resolve(socket)
    })
  })
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such socket'
  if (error.code === 'ECONNREFUSED') return 'nobody serves this socket'
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'this user may not use it'
  return error.message
}
