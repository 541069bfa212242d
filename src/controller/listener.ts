import type { Logger } from 'pino'
import type { Change, HostRow } from '../model/rows.js'
import {
  dialOpenFlow,
  listenOpenFlow,
  type OpenFlowConnection,
  type OpenFlowListener,
} from '../openflow/index.js'

export interface ListenerOptions {
  /** Where switches connect: `tcp:IP:PORT`. */
  readonly address: string
  readonly hosts: () => Iterable<HostRow>
  readonly onConnection: (connection: OpenFlowConnection) => void
  readonly log: Logger
}

const redialMs = 1000

/** How sessions with switches come about: they dial the controller, or, where a Host says `openflow`, it dials them. */
export class Listener {
  #listener: OpenFlowListener | undefined
  readonly #dialling = new Map<string, AbortController>()

  constructor(readonly options: ListenerOptions) {}

  /** The TCP port on which switches are listened to. */
  get port(): number {
    return Number(this.#listener?.address.split(':').at(-1) ?? 0)
  }

  async open(): Promise<void> {
    const { address, onConnection, log } = this.options
    this.#listener = await listenOpenFlow(address, onConnection, {
      onFailure: (error) => log.warn({ err: error }, 'a switch could not connect'),
    })
    log.info({ address, port: this.port }, 'listening for switches')
  }

  /** Follows hosts that come, go or change. */
  follow(changes: readonly Change[]): void {
    for (const { table, id } of changes) {
      if (table !== 'host') continue
      this.#dialling.get(id)?.abort()
      this.#dialling.delete(id)
      const host = [...this.options.hosts()].find((row) => row.id === id)
      if (host?.openflow !== undefined) void this.#dial(id, host.openflow)
    }
  }

  async close(): Promise<void> {
    for (const dialling of this.#dialling.values()) dialling.abort()
    await this.#listener?.close()
  }

  async #dial(host: string, address: string): Promise<void> {
    const stop = new AbortController()
    this.#dialling.set(host, stop)
    while (!stop.signal.aborted) {
      try {
        const connection = await dialOpenFlow(address)
        stop.signal.addEventListener('abort', () => void connection.close())
        this.options.onConnection(connection)
        await connection.closed
      } catch (error) {
        this.options.log.warn({ host, address, err: error }, 'switch cannot be dialled')
      }
      if (!stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, redialMs))
    }
  }
}
