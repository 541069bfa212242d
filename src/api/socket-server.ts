import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { RpcServer } from './rpc-server.js'
import { serveSocket } from './socket-peer.js'
import { listenOnUnixSocket } from './unix-socket.js'

/** Something that serves until it is closed. */
export interface Serving {
  close(): Promise<void>
}

/**
 * Serves the methods on a unix socket: JSON-RPC 2.0, one JSON text per line.
 * @throws SocketError
 */
export async function serveUnixSocket(path: string, rpc: RpcServer, log: Logger): Promise<Serving> {
  const sockets = new Set<Socket>()
  const listening = await listenOnUnixSocket(path, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveSocket(socket, rpc, log).catch((error: unknown) => {
      log.error({ err: error }, 'a connection could not be served')
      socket.destroy()
    })
  })
  listening.server.on('error', (error) => log.error({ err: error }, 'the socket fails'))
  return {
    close: async () => {
      await listening.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
