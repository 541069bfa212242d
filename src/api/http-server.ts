import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { page, pagePolicy } from '../web/page.js'
import type { ControllerApi } from './contract.js'
import { checkOrigin, checkToken, RefusedError } from './http-guard.js'
import type { HttpOptions } from './http-options.js'
import { createMetrics } from './metrics.js'
import { maxRequestBytes } from './protocol.js'
import type { RpcServer } from './rpc-server.js'
import type { Serving } from './socket-server.js'
import { serveWebSocket } from './web-socket-peer.js'

/** HTTP is served. */
export interface HttpServing extends Serving {
  /** `http://…` or `https://…` with the port that it really has. */
  readonly url: string
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Record<string, string>
}

const plain = (status: number, text: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${text}\n`,
})

/**
 * Serves metrics, health, the page and the methods over a WebSocket at `/rpc`. `isReady`: the first load is done.
 * @throws the system's error where it cannot listen
 */
export async function serveHttp(
  api: ControllerApi,
  rpc: RpcServer,
  options: HttpOptions,
  isReady: () => boolean,
  log: Logger,
): Promise<HttpServing> {
  const metrics = createMetrics(api)
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    checkOrigin(request, options)
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET')
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    if (path === '/healthz') return plain(200, 'ok')
    if (path === '/readyz')
      return isReady() ? plain(200, 'ok') : plain(503, 'not ready: the directory is being loaded')
    if (path === '/')
      return { status: 200, type: 'text/html; charset=utf-8', body: page, headers: pagePolicy }
    if (path !== '/metrics') return plain(404, 'not found')
    checkToken(request, options)
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() }
  }
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, type, body, headers } = await answer(request).catch((error: unknown) => {
      if (error instanceof RefusedError) return refusal(error)
      log.error({ err: error }, 'an HTTP request could not be answered')
      return plain(500, 'internal error')
    })
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  const server = options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle)
  const sockets = serveUpgrades(server, rpc, options, log)
  await listen(server, options)
  server.on('error', (error) => log.error({ err: error }, 'the HTTP server fails'))
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    close: async () => {
      server.close()
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      metrics.clear()
    },
  }
}

function refusal(error: RefusedError): Answer {
  const answer = plain(error.status, error.message)
  return error.status === 401 ? { ...answer, headers: { 'www-authenticate': 'Bearer' } } : answer
}

function serveUpgrades(server: Server, rpc: RpcServer, options: HttpOptions, log: Logger): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxRequestBytes,
    handleProtocols: (offered) => (offered.has('sluice') ? 'sluice' : false),
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a client was cut off'))
    try {
      if (request.url?.replace(/\?.*$/s, '') !== '/rpc') return reject(socket, 404, 'Not Found')
      checkOrigin(request, options)
      checkToken(request, options)
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      return error.status === 401 ? reject(socket, 401, 'Unauthorized') : reject(socket, 403, 'Forbidden')
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', (error) => log.debug({ err: error }, 'a client was cut off'))
      serveWebSocket(client, rpc)
    })
  })
  return sockets
}

function reject(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}
