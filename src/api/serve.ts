import type { Logger } from 'pino'
import type { ControllerApi } from './contract.js'
import type { HttpOptions } from './http-options.js'
import { type HttpServing, serveHttp } from './http-server.js'
import { RpcServer } from './rpc-server.js'
import { type Serving, serveUnixSocket } from './socket-server.js'

export interface ServeOptions {
  /** Path of the unix socket. */
  readonly socket: string
  readonly http?: HttpOptions
  /** Go on without HTTP where its address cannot be had. */
  readonly httpOptional: boolean
  /** The first load is done. */
  readonly isReady: () => boolean
  readonly log: Logger
}

/**
 * Serves a controller to its clients, on the unix socket and over HTTP.
 * @throws SocketError, or the system's error where HTTP cannot listen
 */
export async function serveApi(api: ControllerApi, options: ServeOptions): Promise<Serving> {
  const { socket, log } = options
  const rpc = new RpcServer(api, log)
  const local = await serveUnixSocket(socket, rpc, log)
  log.info({ socket }, 'clients are served')
  const http = await serveHttpIfPossible(api, rpc, options).catch(async (error: unknown) => {
    await local.close()
    throw error
  })
  if (http !== undefined) log.info({ url: http.url }, 'HTTP is served')
  return {
    close: async () => {
      await Promise.all([local.close(), http?.close()])
    },
  }
}

async function serveHttpIfPossible(
  api: ControllerApi,
  rpc: RpcServer,
  { http, httpOptional, isReady, log }: ServeOptions,
): Promise<HttpServing | undefined> {
  if (http === undefined) return undefined
  try {
    return await serveHttp(api, rpc, http, isReady, log)
  } catch (error) {
    if (!httpOptional) throw error
    log.warn({ err: error }, 'HTTP is not served: its default address cannot be had')
    return undefined
  }
}
