import type { IpPacket } from '../frames/packet.js'

/** Connections that are remembered; the oldest are forgotten first. */
const remembered = 65_536

/** The workload's end of a connection with a station outside. */
export interface Inside {
  /** Number of its tenant. */
  readonly tenant: number
  readonly address: string
  readonly port: number
}

/** A station outside, and what it takes the workload for. */
interface Outside {
  /** Number of the gateway. */
  readonly gateway: number
  readonly station: string
  readonly stationPort: number
  readonly address: string
  readonly port: number
}

/** Which addresses and ports outside gateways have given to connections (RFC 5382 §2), as far as switches have told. */
export class Mappings {
  readonly #inside = new Map<string, Inside>()

  get size(): number {
    return this.#inside.size
  }

  /**
   * Notes who has a packet's source.
   * @param packet on its way to the station, translated
   * @returns who had it before
   */
  note(gateway: number, { source, destination, ports }: IpPacket, inside: Inside): Inside | undefined {
    if (!ports) return undefined
    const [address, port] = [source, ports.source]
    const key = keyOf({ gateway, station: destination, stationPort: ports.destination, address, port })
    const former = this.#inside.get(key)
    this.#inside.delete(key)
    this.#inside.set(key, inside)
    const [oldest] = this.#inside.keys()
    if (this.#inside.size > remembered && oldest !== undefined) this.#inside.delete(oldest)
    return former
  }

  /** Whom a packet from outside is for, before it is translated. */
  receiver(gateway: number, { source, destination, ports }: IpPacket): Inside | undefined {
    if (!ports) return undefined
    const [address, port] = [destination, ports.destination]
    return this.#inside.get(keyOf({ gateway, station: source, stationPort: ports.source, address, port }))
  }
}

function keyOf({ gateway, station, stationPort, address, port }: Outside): string {
  return `${gateway} ${station} ${stationPort} ${address} ${port}`
}
