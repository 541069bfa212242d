import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'

/** Stands between clients and a server on unix sockets. It can alter what clients say, and be cut. */
export class Relay {
  /** What clients said, and what the server said, as it passed. */
  asked = ''
  answered = ''
  /** While this is set, connections are ended at once. */
  cut = false
  /** Every connection is ended after so many more bytes of the server, mid-message or not. */
  remaining = Number.POSITIVE_INFINITY
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => this.#join(client))

  private constructor(
    readonly path: string,
    readonly target: string,
    readonly alter: (text: string) => string,
  ) {}

  static async start(
    path: string,
    target: string,
    alter: (text: string) => string = (text) => text,
  ): Promise<Relay> {
    const relay = new Relay(path, target, alter)
    relay.#server.listen(path)
    await once(relay.#server, 'listening')
    return relay
  }

  stop(): void {
    this.hangUp()
    this.#server.close()
  }

  /** Ends every connection through the relay. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(client: Socket): void {
    if (this.cut) {
      client.destroy()
      return
    }
    const server = dial(this.target)
    client.on('data', (chunk: Buffer) => {
      this.asked += String(chunk)
      server.write(this.alter(String(chunk)))
    })
    server.on('data', (chunk: Buffer) => {
      this.answered += String(chunk)
      client.write(chunk.subarray(0, this.remaining))
      this.remaining -= chunk.length
      if (this.remaining > 0) return
      this.remaining = Number.POSITIVE_INFINITY
      // What was written is still sent.
      client.end(() => this.hangUp())
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
  }
}
