import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isArray, isObject, type Json } from '../../../src/ovsdb/json.js'
import { JsonReader } from '../../../src/ovsdb/json-reader.js'

/** What one method answers: its result, or an error if it throws a RefusedRequest. `hangUp` ends the connection. */
export type Handler = (params: readonly Json[], connection: Connection) => Json | undefined

export class RefusedRequest extends Error {}

/** The server's end of a connection. */
export class Connection {
  constructor(readonly socket: Socket) {}

  send(message: Json): void {
    this.socket.write(JSON.stringify(message))
  }

  notify(method: string, params: readonly Json[]): void {
    this.send({ method, params, id: null })
  }

  hangUp(): void {
    this.socket.destroy()
  }
}

/** A server on a unix socket that answers from a table of methods; a handler that returns undefined answers nothing. */
export class FakeServer {
  readonly received: { readonly method: string; readonly params: readonly Json[] }[] = []
  readonly connections: Connection[] = []

  private constructor(
    readonly directory: string,
    readonly handlers: Record<string, Handler>,
    readonly server: Server,
  ) {}

  static async start(handlers: Record<string, Handler>): Promise<FakeServer> {
    const directory = await mkdtemp(join(tmpdir(), 'ovsdb-fake-'))
    const server = createServer()
    const fake = new FakeServer(directory, handlers, server)
    server.on('connection', (socket) => fake.#serve(new Connection(socket)))
    server.listen(join(directory, 'sock'))
    await once(server, 'listening')
    return fake
  }

  get endpoint(): string {
    return `unix:${join(this.directory, 'sock')}`
  }

  /** The methods that were asked, in order. */
  get methods(): string[] {
    return this.received.map(({ method }) => method)
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.hangUp()
    this.server.close()
    await rm(this.directory, { recursive: true, force: true })
  }

  #serve(connection: Connection): void {
    this.connections.push(connection)
    const reader = new JsonReader(1_000_000)
    connection.socket.on('error', () => connection.hangUp())
    connection.socket.on('data', (chunk: Buffer) => {
      for (const message of reader.push(chunk)) this.#answer(connection, message)
    })
  }

  #answer(connection: Connection, message: Json): void {
    if (!isObject(message)) return
    const { id = null, method, params = [] } = message
    if (typeof method !== 'string' || !isArray(params)) return
    this.received.push({ method, params })
    const handler = this.handlers[method]
    if (!handler) {
      if (id !== null) connection.send({ id, result: null, error: 'unknown method' })
      return
    }
    try {
      const result = handler(params, connection)
      if (result !== undefined) connection.send({ id, result, error: null })
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error
      connection.send({ id, error: error.message })
    }
  }
}
