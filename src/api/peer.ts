/** The client at the other end of a connection. */
export interface Peer {
  /**
   * Sends one JSON text; resolves once there is room for the next.
   * @throws PeerGoneError once the connection is closed
   */
  send(text: string): Promise<void>
  /** Aborted once nothing more is to be expected from the client: what would go on for ever ends. */
  readonly ended: AbortSignal
}

/** The client has gone. */
export class PeerGoneError extends Error {
  override readonly name = 'PeerGoneError'
  readonly code = 'peer-gone'
  constructor(options?: ErrorOptions) {
    super('the client has gone', options)
  }
}
