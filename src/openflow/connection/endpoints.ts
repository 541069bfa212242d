/** Ways to get a connection: dial the switch, or listen for it. */
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { formatAddress, parseAddress } from './address.js'
import { type ConnectionOptions, OpenFlowConnection } from './connection.js'
import { HandshakeError } from './errors.js'

function connected(socket: Socket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (cause: Error) => reject(new HandshakeError(`cannot connect to ${address}`, { cause }))
    socket.once('error', refused)
    socket.once('connect', () => {
      socket.off('error', refused)
      resolve()
    })
  })
}

/**
 * Connects to a switch that listens, at `tcp:HOST:PORT` or `unix:PATH` (a bridge's `<rundir>/<bridge>.mgmt`).
 * @throws AddressError, HandshakeError
 */
export async function dialOpenFlow(
  address: string,
  options: ConnectionOptions = {},
): Promise<OpenFlowConnection> {
  const socket = createConnection(parseAddress(address))
  await connected(socket, address)
  socket.setNoDelay(true)
  return OpenFlowConnection.open(socket, { remoteAddress: address, ...options })
}

/** What the sessions of a listener are to be like, and who hears of those that did not come about. */
export interface ListenOptions extends ConnectionOptions {
  /** Hears of peers that came but did not shake hands. */
  onFailure?: (error: HandshakeError) => void
}

/** A place where switches dial in. */
export interface OpenFlowListener {
  /** Where it listens, with the port that the system chose for port 0. */
  readonly address: string
  /** Takes no more connections; those that exist go on. */
  close(): Promise<void>
}

function remoteOf(socket: Socket, address: string): string {
  const { remoteAddress: host, remotePort: port } = socket
  if (host === undefined || port === undefined) return address
  // A socket for both families writes an IPv4 address as one of IPv6 (RFC 4291, section 2.5.5.2).
  return formatAddress({ host: host.replace(/^::ffff:(?=\d+\.)/, ''), port })
}

function listening(server: Server, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(parseAddress(address), () => {
      server.off('error', reject)
      const bound = server.address()
      if (bound === null || typeof bound === 'string') resolve(address)
      else resolve(formatAddress({ host: bound.address, port: bound.port }))
    })
  })
}

/**
 * Listens for switches at `tcp:IP:PORT` or `unix:PATH` and hands over each one that shook hands.
 * @throws AddressError, and what the system says when the address is taken
 */
export async function listenOpenFlow(
  address: string,
  onConnection: (connection: OpenFlowConnection) => void,
  { onFailure, ...options }: ListenOptions = {},
): Promise<OpenFlowListener> {
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    OpenFlowConnection.open(socket, { remoteAddress: remoteOf(socket, address), ...options }).then(
      onConnection,
      (error: unknown) => {
        if (!(error instanceof HandshakeError)) throw error
        onFailure?.(error)
      },
    )
  })
  const bound = await listening(server, address)
  return {
    address: bound,
    close: () =>
      new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  }
}
