import {
  createJSONRPCErrorResponse,
  isJSONRPCID,
  isJSONRPCRequest,
  isJSONRPCRequests,
  JSONRPCErrorCode,
  type JSONRPCErrorResponse,
  type JSONRPCID,
  JSONRPCServer,
} from 'json-rpc-2.0'
import type { Logger } from 'pino'
import { prettifyError, ZodError, type z } from 'zod'
import { type ControllerApi, RequestError } from './contract.js'
import { toJson } from './json.js'
import { type Peer, PeerGoneError } from './peer.js'
import { type Method, parameters, type Results } from './protocol.js'
import { streamEvents, streamItems, TooSlowError } from './stream.js'
import { statuses, waitForConvergence } from './wait.js'

/** A request was understood and cannot be answered; `data.code` says why. */
export const requestErrorCode = -32000
const maxBatch = 64
/** Subscriptions and waits of one connection; fewer than its requests, so that others always find room. */
const maxHeld = 32
/** A status of a thousand hosts is some hundred kilobytes. */
const watchIntervalMs = 250

/** A connection has too many subscriptions. */
export class TooManyError extends Error {
  override readonly name = 'TooManyError'
  readonly code = 'too-many'
  constructor() {
    super(`a connection may have ${maxHeld} subscriptions`)
  }
}

/** The controller as JSON-RPC 2.0 methods; one server for all clients. */
export class RpcServer {
  readonly #server: JSONRPCServer<Peer>
  readonly #held = new WeakMap<Peer, number>()

  constructor(
    api: ControllerApi,
    private readonly log: Logger,
  ) {
    this.#server = new JSONRPCServer<Peer>({
      errorListener: (message, error) => {
        if (!expected(error)) log.error({ err: error }, message)
      },
    })
    this.#server.mapErrorToJSONRPCErrorResponse = errorResponse
    this.#add('status', parameters.status, () => api.status())
    this.#add('get', parameters.get, async ({ subscription, kind, name }, peer) =>
      streamItems({ method: 'get', subscription, peer }, await api.get(kind, name)),
    )
    this.#add('flows', parameters.flows, ({ subscription, query }, peer) =>
      streamItems({ method: 'flows', subscription, peer }, api.flows(query)),
    )
    this.#add('follow', parameters.follow, ({ subscription, query }, peer) =>
      this.#hold(peer, () =>
        streamEvents({ method: 'follow', subscription, peer }, api.follow(query), 'all'),
      ),
    )
    this.#add('watch', parameters.watch, ({ subscription }, peer) =>
      this.#hold(peer, () =>
        streamEvents({ method: 'watch', subscription, peer }, statuses(api, watchIntervalMs), 'latest'),
      ),
    )
    this.#add('log', parameters.log, ({ subscription, query }, peer) =>
      streamItems({ method: 'log', subscription, peer }, api.log(query)),
    )
    this.#add('followLog', parameters.followLog, ({ subscription, query }, peer) =>
      this.#hold(peer, () =>
        streamEvents({ method: 'followLog', subscription, peer }, api.followLog(query), 'all'),
      ),
    )
    this.#add('explain', parameters.explain, ({ cookie }) => api.explain(cookie) ?? null)
    this.#add('reread', parameters.reread, async () => {
      await api.reread()
      return null
    })
    this.#add('wait', parameters.wait, ({ seconds }, peer) =>
      this.#hold(peer, () => waitForConvergence(api, seconds, peer.ended)),
    )
  }

  /** Answers one text of a client; never rejects. */
  async receive(text: string, peer: Peer): Promise<void> {
    try {
      const answer = await this.#answer(text, peer)
      if (answer !== null) await peer.send(toJson(answer))
    } catch (error) {
      if (!(error instanceof PeerGoneError)) this.log.error({ err: error }, 'a request could not be answered')
    }
  }

  async #answer(text: string, peer: Peer) {
    const request = parse(text)
    if (request === undefined)
      return createJSONRPCErrorResponse(null, JSONRPCErrorCode.ParseError, 'Parse error')
    if (isObject(request) && isJSONRPCRequest(request)) return this.#server.receive(request, peer)
    if (
      Array.isArray(request) &&
      request.length <= maxBatch &&
      request.every(isObject) &&
      isJSONRPCRequests(request)
    )
      return this.#server.receive(request, peer)
    const id = isObject(request) && 'id' in request && isJSONRPCID(request.id) ? request.id : null
    return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InvalidRequest, 'Invalid Request')
  }

  /** Does what goes on until the client ends it, and not too much of it for one client. */
  async #hold<T>(peer: Peer, work: () => Promise<T>): Promise<T> {
    const held = this.#held.get(peer) ?? 0
    if (held >= maxHeld) throw new TooManyError()
    this.#held.set(peer, held + 1)
    try {
      return await work()
    } finally {
      this.#held.set(peer, (this.#held.get(peer) ?? 1) - 1)
    }
  }

  #add<M extends Method, P>(
    method: M,
    schema: z.ZodType<P>,
    answer: (params: P, peer: Peer) => Results[M] | Promise<Results[M]>,
  ): void {
    this.#server.addMethod(method, (params, peer) => answer(schema.parse(params), peer))
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Errors that say something about the request or the client, and nothing about the controller. */
function expected(error: unknown): boolean {
  return [RequestError, ZodError, PeerGoneError, TooSlowError, TooManyError].some(
    (kind) => error instanceof kind,
  )
}

function errorResponse(id: JSONRPCID, error: unknown): JSONRPCErrorResponse {
  if (error instanceof ZodError)
    return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InvalidParams, prettifyError(error), {
      code: 'invalid-parameters',
    })
  if (error instanceof RequestError || error instanceof TooSlowError || error instanceof TooManyError)
    return createJSONRPCErrorResponse(id, requestErrorCode, error.message, { code: error.code })
  const message = error instanceof Error ? error.message : String(error)
  return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InternalError, message, { code: 'internal' })
}
