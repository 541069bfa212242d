import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

/** The HTTP address that was asked for is refused; the command line calls this wrong usage. */
export class HttpOptionsError extends Error {
  override readonly name = 'HttpOptionsError'
  readonly code = 'http-options'
}

/** Where and how HTTP is served. */
export interface HttpOptions {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  /** What a client has to show. */
  readonly token?: string
}

/** What an operator says about HTTP. */
export interface HttpFlags {
  /** `HOST:PORT`, `[IPV6]:PORT` or a port alone, which is one of 127.0.0.1. */
  readonly http: string
  /** Names of PEM files. */
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** Name of a file with nothing but the token. */
  readonly tokenFile?: string
}

/**
 * Reads the files that are named, and refuses what would leave the controller open: any address that others can reach
 * needs TLS and a token.
 * @throws HttpOptionsError
 */
export function httpOptions(flags: HttpFlags): HttpOptions {
  const { host, port } = parseAddress(flags.http)
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw new HttpOptionsError('--tls-cert and --tls-key belong together')
  const tls =
    flags.tlsCert === undefined || flags.tlsKey === undefined
      ? undefined
      : { cert: read(flags.tlsCert), key: read(flags.tlsKey) }
  const token = flags.tokenFile === undefined ? undefined : read(flags.tokenFile).toString().trim()
  if (token === '') throw new HttpOptionsError(`${flags.tokenFile} holds no token`)
  if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token))
    throw new HttpOptionsError(`${flags.tokenFile}: a token is made of letters, digits and -._~+/`)
  if (!isLoopback(host) && (tls === undefined || token === undefined))
    throw new HttpOptionsError(
      `${flags.http} can be reached by others: it needs --tls-cert, --tls-key and --token-file; 127.0.0.1 does not`,
    )
  return { host, port, ...(tls !== undefined && { tls }), ...(token !== undefined && { token }) }
}

/** Whether an address, or the name `localhost`, can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

/** The parts of `HOST:PORT`; an IPv6 address stands in brackets. */
export function splitHostPort(text: string): { host: string; port?: string } | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::(\d{1,5}))?$/i.exec(text)
  const host = found?.[1] ?? found?.[2]
  if (host === undefined || (found?.[1] !== undefined && !isIPv6(host))) return undefined
  return { host: host.toLowerCase(), ...(found?.[3] !== undefined && { port: found[3] }) }
}

function parseAddress(text: string): { host: string; port: number } {
  const parts = /^\d{1,5}$/.test(text) ? { host: '127.0.0.1', port: text } : splitHostPort(text)
  const port = Number(parts?.port)
  if (parts === undefined || !(port <= 65_535))
    throw new HttpOptionsError(`${text} is no address: expected HOST:PORT, such as 127.0.0.1:6680`)
  return { host: parts.host, port }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new HttpOptionsError(`${path} cannot be read: ${reason}`, { cause: error })
  }
}
