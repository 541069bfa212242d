import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'
import { createJSONRPCErrorResponse, JSONRPCErrorCode } from 'json-rpc-2.0'
import type { Logger } from 'pino'
import { toJson } from './json.js'
import { LineTooLongError, lines } from './lines.js'
import { type Peer, PeerGoneError } from './peer.js'
import { maxConcurrentRequests, maxRequestBytes } from './protocol.js'
import type { RpcServer } from './rpc-server.js'

/** Sends lines over a socket. */
class SocketPeer implements Peer {
  readonly #end = new AbortController()
  readonly #waiting: { readonly resolve: () => void; readonly reject: (error: PeerGoneError) => void }[] = []
  readonly ended = this.#end.signal

  constructor(private readonly socket: Socket) {
    setMaxListeners(maxConcurrentRequests, this.ended)
    socket.on('drain', () => {
      for (const { resolve } of this.#waiting.splice(0)) resolve()
    })
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new PeerGoneError())
      this.end()
    })
  }

  end(): void {
    this.#end.abort()
  }

  async send(text: string): Promise<void> {
    if (this.socket.destroyed) throw new PeerGoneError()
    if (this.socket.write(`${text}\n`)) return
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }
}

/**
 * Serves one connection, a JSON text per line, until the client has said its last word and has its answers. What is not
 * JSON gets an error; a line that is too long gets an error and ends the connection.
 */
export async function serveSocket(socket: Socket, rpc: RpcServer, log: Logger): Promise<void> {
  const peer = new SocketPeer(socket)
  const running = new Set<Promise<void>>()
  socket.on('error', (error) => log.debug({ err: error }, 'a client was cut off'))
  try {
    for await (const line of lines(socket.iterator({ destroyOnReturn: false }), maxRequestBytes)) {
      const request = rpc.receive(line, peer).finally(() => running.delete(request))
      running.add(request)
      if (running.size >= maxConcurrentRequests) await Promise.race(running)
    }
  } catch (error) {
    if (error instanceof LineTooLongError) await refuse(peer, error)
    else log.debug({ err: error }, 'a client was cut off')
  }
  peer.end()
  await Promise.all(running)
  socket.end()
  socket.destroySoon()
}

async function refuse(peer: Peer, reason: LineTooLongError): Promise<void> {
  const response = createJSONRPCErrorResponse(null, JSONRPCErrorCode.InvalidRequest, reason.message, {
    code: reason.code,
  })
  await peer.send(toJson(response)).catch((error: unknown) => {
    if (!(error instanceof PeerGoneError)) throw error
  })
}
