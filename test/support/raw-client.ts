import { createConnection, type Socket } from 'node:net'
import { lines } from '../../src/api/lines.js'

/** A client that sends any text, and reads JSON texts line by line. */
export class RawClient {
  readonly #lines: AsyncGenerator<string>

  constructor(readonly socket: Socket) {
    this.#lines = lines(socket)
  }

  static connect(path: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path)
      socket.once('error', reject)
      socket.once('connect', () => resolve(new RawClient(socket)))
    })
  }

  send(text: string): void {
    this.socket.write(`${text}\n`)
  }

  request(id: number, method: string, params?: object): void {
    this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  }

  /** The next JSON text; undefined where the server has closed the connection. */
  async next(): Promise<unknown> {
    const line = await this.#lines.next()
    return line.done === true ? undefined : JSON.parse(line.value)
  }
}
