import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Endpoint, formatEndpoint } from './endpoint.js'
import { ConnectionError } from './errors.js'
import type { Timer } from './timer.js'

/** PEM texts for `ssl:` endpoints. As with Open vSwitch, the chain is verified and the name is not. */
export interface TlsOptions {
  readonly key?: string | Buffer
  readonly cert?: string | Buffer
  /** The authority that signed the server's certificate; default: those that Node knows. */
  readonly ca?: string | Buffer
}

export interface DialOptions {
  readonly tls?: TlsOptions
  readonly timeoutMs: number
  readonly timer: Timer
  readonly signal?: AbortSignal
}

/**
 * Opens a connection.
 * @throws ConnectionError (rejection) when it is refused, not up in time, or aborted
 */
export function dial(endpoint: Endpoint, options: DialOptions): Promise<Socket> {
  const { signal } = options
  const place = formatEndpoint(endpoint)
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new ConnectionError(`${place}: aborted`, { cause: signal.reason }))
      return
    }
    const socket = open(endpoint, options.tls)
    const fail = (reason: string, cause?: unknown) => {
      settle()
      socket.on('error', ignoreLate).destroy()
      reject(new ConnectionError(`${place}: ${reason}`, { cause }))
    }
    const onError = (error: Error) => fail(error.message, error)
    const onAbort = () => fail('aborted', signal?.reason)
    const cancelTimer = options.timer(options.timeoutMs, () =>
      fail(`no connection within ${options.timeoutMs} ms`),
    )
    const ready = endpoint.transport === 'ssl' ? 'secureConnect' : 'connect'
    const onReady = () => {
      settle()
      resolve(socket)
    }
    const settle = () => {
      cancelTimer()
      socket.off('error', onError).off(ready, onReady)
      signal?.removeEventListener('abort', onAbort)
    }
    socket.on('error', onError).on(ready, onReady)
    signal?.addEventListener('abort', onAbort)
  })
}

function open(endpoint: Endpoint, tls: TlsOptions = {}): Socket {
  if (endpoint.transport === 'unix') return connectTcp({ path: endpoint.path })
  const { host, port } = endpoint
  if (endpoint.transport === 'tcp') return connectTcp({ host, port, noDelay: true })
  return connectTls({ host, port, ...tls, checkServerIdentity: () => undefined }).setNoDelay(true)
}

/** A socket that was given up may still report why it died; the caller has been told already. */
function ignoreLate(): void {}
