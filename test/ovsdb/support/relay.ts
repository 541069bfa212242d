import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { splitTexts } from '../../../src/ovsdb/json-splitter.js'

/**
 * How far a request gets before its connection ends: not to the server; to the server, but of what that says from then
 * on nothing comes back; all comes back that the server says before the reply.
 */
export const losses = ['request', 'answer', 'reply'] as const
export type Loss = (typeof losses)[number]

/** Stands between clients and a server on unix sockets. It can alter what clients say, and be cut. */
export class Relay {
  /** What clients said, and what the server said, as it passed. */
  asked = ''
  answered = ''
  /** While this is set, connections are ended at once. */
  cut = false
  /** Every connection is ended after so many more bytes of the server, mid-message or not. */
  remaining = Number.POSITIVE_INFINITY
  #toLose: { readonly method: string; readonly loss: Loss } | undefined
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

  /** Ends the connection of the next request of a method. */
  lose(method: string, loss: Loss): void {
    this.#toLose = { method, loss }
  }

  #join(client: Socket): void {
    if (this.cut) {
      client.destroy()
      return
    }
    const server = dial(this.target)
    const [questions, answers] = [new Texts(), new Texts()]
    let lost: { readonly id: unknown; readonly loss: Loss } | undefined
    client.on('data', (chunk: Buffer) => {
      for (const text of questions.push(chunk)) {
        const { method, id } = JSON.parse(text)
        if (method === this.#toLose?.method && this.#toLose) {
          lost = { id, loss: this.#toLose.loss }
          this.#toLose = undefined
        }
        if (lost?.loss === 'request') {
          client.destroy()
          return
        }
        this.asked += text
        server.write(this.alter(text))
      }
    })
    server.on('data', (chunk: Buffer) => {
      for (const text of answers.push(chunk)) {
        if (lost && JSON.parse(text).id === lost.id) {
          // What was written is still sent.
          client.end(() => client.destroy())
          return
        }
        if (lost?.loss !== 'answer' && !this.#pass(text, client)) return
      }
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

  /** Passes on what the server said; false when that was the last of it. */
  #pass(text: string, client: Socket): boolean {
    const bytes = Buffer.from(text)
    this.answered += text
    client.write(bytes.subarray(0, this.remaining))
    this.remaining -= bytes.length
    if (this.remaining > 0) return true
    this.remaining = Number.POSITIVE_INFINITY
    client.end(() => this.hangUp())
    return false
  }
}

/** The messages of one direction, whole. */
class Texts {
  #rest = Buffer.alloc(0)

  push(chunk: Buffer): readonly string[] {
    const bytes = Buffer.concat([this.#rest, chunk])
    const { texts, rest } = splitTexts(bytes)
    this.#rest = bytes.subarray(rest)
    return texts
  }
}
