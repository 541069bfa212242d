import { createConnection, type Socket } from 'node:net'
import { createJSONRPCRequest, isJSONRPCRequest, isJSONRPCResponse } from 'json-rpc-2.0'
import type { Explanation, FlowEvent, FlowQuery, FlowView, ObjectView, Status } from './contract.js'
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

  /** The status now and after each change. */
  watch(): AsyncGenerator<Status> {
    return this.#items('watch', {})
  }

  async #call<M extends Exclude<Method, keyof Items>>(method: M, params?: object): Promise<Results[M]> {
    for await (const message of this.#messages(method, params))
      if (isJSONRPCResponse(message)) return message.result
    throw this.#cutOff()
  }

  async *#items<M extends keyof Items>(method: M, params: object): AsyncGenerator<Items[M]> {
    for await (const batch of this.#batches(method, params)) yield* batch
  }

  async *#batches<M extends keyof Items>(method: M, params: object): AsyncGenerator<readonly Items[M][]> {
    for await (const message of this.#messages(method, { subscription: 1, ...params })) {
      if (isJSONRPCResponse(message)) return
      if (isJSONRPCRequest(message)) {
        const batch: Batch<Items[M]> = message.params
        yield batch.items
      }
    }
    throw this.#cutOff()
  }

  async *#messages(method: Method, params?: object): AsyncGenerator<unknown> {
    const socket = await connect(this.path)
    try {
      socket.write(`${toJson(createJSONRPCRequest(1, method, params))}\n`)
      for await (const line of lines(socket)) {
        const message: unknown = JSON.parse(line)
        if (isJSONRPCResponse(message) && message.error !== undefined) {
          const { code, message: text, data } = message.error
          throw new AnswerError(data?.code ?? String(code), text)
        }
        yield message
      }
    } catch (error) {
      throw isSystemError(error) ? this.#cutOff(error) : error
    } finally {
      socket.destroy()
    }
  }

  #cutOff(cause?: Error): UnreachableError {
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

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such socket'
  if (error.code === 'ECONNREFUSED') return 'nobody serves this socket'
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'this user may not use it'
  return error.message
}
