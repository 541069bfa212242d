import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type HttpOptions, isLoopback, splitHostPort } from './http-options.js'

/** A request must not be answered; `status` is that of HTTP. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code = 'refused'
  constructor(
    readonly status: 401 | 403,
    message: string,
  ) {
    super(message)
  }
}

/** Prefix of the WebSocket protocol that carries a token, since browsers cannot set headers there. */
const tokenProtocol = 'bearer.'

/**
 * On loopback a request must be addressed to loopback by name: else a page from anywhere could reach it by a name of its
 * own that resolves to 127.0.0.1 (DNS rebinding). A page may only speak to the server that it came from.
 * @throws RefusedError
 */
export function checkOrigin(request: IncomingMessage, options: HttpOptions): void {
  const { host, origin } = request.headers
  const addressed = splitHostPort(host ?? '')
  if (isLoopback(options.host) && (addressed === undefined || !isLoopback(addressed.host)))
    throw new RefusedError(403, 'the Host header names another host')
  if (origin === undefined) return
  const own = `${options.tls === undefined ? 'http' : 'https'}://${host}`
  if (origin.toLowerCase() !== own.toLowerCase())
    throw new RefusedError(403, 'the request comes from another page')
}

/**
 * Where a token is set, it must stand in the Authorization header, or in a WebSocket's protocol `bearer.TOKEN`.
 * @throws RefusedError
 */
export function checkToken(request: IncomingMessage, options: HttpOptions): void {
  if (options.token === undefined) return
  const header = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const protocol = offeredProtocols(request).find((name) => name.startsWith(tokenProtocol))
  const shown = header ?? protocol?.slice(tokenProtocol.length)
  if (shown === undefined || !sameText(shown, options.token))
    throw new RefusedError(401, 'a bearer token is needed')
}

function offeredProtocols(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}

/** Compares in a time that does not tell how much is right. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
