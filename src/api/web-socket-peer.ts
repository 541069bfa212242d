import { setMaxListeners } from 'node:events'
import type { WebSocket } from 'ws'
import { type Peer, PeerGoneError } from './peer.js'
import { maxConcurrentRequests } from './protocol.js'
import type { RpcServer } from './rpc-server.js'

/** Bytes that may wait to be sent before the sender waits too. */
const maxBufferedBytes = 1 << 20

/** Sends texts over a WebSocket. */
class WebSocketPeer implements Peer {
  readonly #end = new AbortController()
  readonly ended = this.#end.signal

  constructor(private readonly socket: WebSocket) {
    setMaxListeners(maxConcurrentRequests, this.ended)
    socket.on('close', () => this.#end.abort())
  }

  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(text, (error) => {
        if (error != null) reject(new PeerGoneError({ cause: error }))
        else resolve()
      })
      if (this.socket.readyState === this.socket.OPEN && this.socket.bufferedAmount < maxBufferedBytes)
        resolve()
    })
  }
}

/** Serves one WebSocket: each message is one JSON text. A client with too many requests under way is not read. */
export function serveWebSocket(socket: WebSocket, rpc: RpcServer): void {
  const peer = new WebSocketPeer(socket)
  let running = 0
  socket.on('message', async (data) => {
    if (++running >= maxConcurrentRequests) socket.pause()
    await rpc.receive(String(data), peer)
    if (--running < maxConcurrentRequests && socket.isPaused) socket.resume()
  })
}
