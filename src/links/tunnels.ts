import { lldpFrame } from '../frames/lldp.js'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'

export interface TunnelsOptions {
  readonly model: Model
  /** The hosts that carry gateways to which a tenant's packets go. */
  readonly exitsOf: (tenant: string) => readonly string[]
  /** Sends a frame into a host's tunnel; false when its switch is not connected. */
  readonly send: (host: string, tunnelPort: number, tunnelIp: string, frame: Buffer) => boolean
}

const ttlSeconds = 120

/**
 * Sends a frame through each tunnel before the first packet of a workload: the user-space datapath drops the packet
 * that makes it ask for the other host's MAC, and that packet should be ours. The other end drops it as well, as it
 * carries no network's key.
 */
export class Tunnels {
  readonly #opened = new Map<string, Set<string>>()

  constructor(readonly options: TunnelsOptions) {}

  /** Follows a transaction: a network that has come to a host opens the tunnels between its hosts. */
  follow(changes: readonly Change[]): void {
    for (const { table, id, row } of changes) {
      if (table === 'segment' && row && 'network' in row && 'host' in row)
        this.#openNetwork(row.network, row.host)
      if (table === 'bridge' && row) this.open(id)
      if (table === 'host') this.#opened.delete(id)
    }
  }

  /** Opens the tunnels of a host that has (again) come to be connected. */
  reconnected(host: string): void {
    this.#opened.delete(host)
    this.open(host)
  }

  open(host: string): void {
    for (const network of this.options.model.by('networksOnHost', host)) this.#openNetwork(network, host)
  }

  #openNetwork(network: string, host: string): void {
    const { model, exitsOf } = this.options
    const tenant = model.get('network', network)?.tenant
    const others = [...model.by('hostsOfNetwork', network), ...(tenant === undefined ? [] : exitsOf(tenant))]
    for (const other of others) {
      this.#send(host, other)
      this.#send(other, host)
    }
  }

  #send(from: string, to: string): void {
    if (from === to || this.#opened.get(from)?.has(to)) return
    const { model, send } = this.options
    const tunnelPort = model.get('bridge', from)?.tunnelPort
    const tunnelIp = model.get('host', to)?.tunnelIp
    if (tunnelPort === undefined || tunnelIp === undefined) return
    if (!send(from, tunnelPort, tunnelIp, lldpFrame(from, to, ttlSeconds))) return
    this.#opened.set(from, (this.#opened.get(from) ?? new Set()).add(to))
  }
}
