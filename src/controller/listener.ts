import type { Logger } from 'pino'
import type { Change, HostRow } from '../model/rows.js'
import {
  type ConnectionOptions,
  dialOpenFlow,
  listenOpenFlow,
  type OpenFlowConnection,
  type OpenFlowListener,
} from '../openflow/index.js'

export interface ListenerOptions {
  /** Where switches connect: `tcp:IP:PORT`. */
  readonly address: string
  readonly host: (id: string) => HostRow | undefined
  readonly onConnection: (connection: OpenFlowConnection) => void
  /** Sees all messages, for records. */
  readonly onBytes?: (messages: Buffer) => void
  readonly log: Logger
}

const redialMs = 1000

/** How sessions with switches come about: they dial the controller, or, where a Host says `openflow`, it dials them. */
export class Listener {
  #listener: OpenFlowListener | undefined
  readonly #dialling = new Map<string, { readonly address: string; readonly stop: AbortController }>()

  constructor(readonly options: ListenerOptions) {}

  /** The TCP port on which switches are listened to. */
  get port(): number {
    return Number(this.#listener?.address.split(':').at(-1) ?? 0)
  }

  async open(): Promise<void> {
    const { address, log } = this.options
    this.#listener = await this.#listen(address).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EAFNOSUPPORT') throw error
      // A system without IPv6: any address is any of IPv4.
      return this.#listen(address.replace('[::]', '0.0.0.0'))
    })
    log.info({ address, port: this.port }, 'listening for switches')
  }

  #listen(address: string): Promise<OpenFlowListener> {
    const { onConnection, log } = this.options
    return listenOpenFlow(address, onConnection, {
      ...this.#hooks(),
      onFailure: (error) => log.warn({ err: error }, 'a switch could not connect'),
    })
  }

  /** Follows hosts that come, go or change. */
  follow(changes: readonly Change[]): void {
    for (const { table, id } of changes) {
      if (table !== 'host') continue
      const address = this.options.host(id)?.openflow
      const before = this.#dialling.get(id)
      if (before?.address === address) continue
      before?.stop.abort()
      this.#dialling.delete(id)
      if (address !== undefined) void this.#dial(id, address)
    }
  }

  async close(): Promise<void> {
    for (const { stop } of this.#dialling.values()) stop.abort()
    await this.#listener?.close()
  }

  #hooks(): ConnectionOptions {
    const { onBytes } = this.options
    return onBytes ? { onBytes: (_direction, messages) => onBytes(messages) } : {}
  }

  async #dial(host: string, address: string): Promise<void> {
    const stop = new AbortController()
    this.#dialling.set(host, { address, stop })
    while (!stop.signal.aborted) {
      try {
        const connection = await dialOpenFlow(address, this.#hooks())
        stop.signal.addEventListener('abort', () => void connection.close())
        if (stop.signal.aborted) return void connection.close()
        this.options.onConnection(connection)
        await connection.closed
      } catch (error) {
        this.options.log.warn({ host, address, err: error }, 'switch cannot be dialled')
      }
      if (!stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, redialMs))
    }
  }
}
