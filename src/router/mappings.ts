import type { IpPacket } from '../frames/packet.js'

/** Translations that are remembered; the oldest are forgotten first. */
const remembered = 131_072

/** One end of a connection. */
export interface End {
  readonly address: string
  readonly port: number
}

/** Whose it is: number of the tenant, in whose networks alone the address says who that is. */
export interface Inside extends End {
  readonly tenant: number
}

/** A segment of a new connection that has been translated once. */
export interface Translation {
  /** Numbers of the gateway and of the tenant that it belongs to. */
  readonly gateway: number
  readonly tenant: number
  /** What its source was before. */
  readonly before: End
  /** With the source that it has got. */
  readonly packet: IpPacket
}

/**
 * Sources that connections of workloads have got on their way out (RFC 5382 §2: mappings), as far as switches have told: a
 * transit address for the workload's own, and an address outside for that.
 */
export class Mappings {
  /** By connection with a station. A transit address belongs to one tenant, an address outside to one gateway. */
  readonly #before = new Map<string, Inside>()

  get size(): number {
    return this.#before.size
  }

  /** Notes a translation, and returns what had the source before. */
  note({ gateway, tenant, before, packet }: Translation): Inside | undefined {
    const { source, destination, ports } = packet
    if (!ports) return undefined
    const station = { address: destination, port: ports.destination }
    const key = keyOf(gateway, station, { address: source, port: ports.source })
    const former = this.#before.get(key)
    this.#before.delete(key)
    this.#before.set(key, { tenant, ...before })
    const [oldest] = this.#before.keys()
    if (this.#before.size > remembered && oldest !== undefined) this.#before.delete(oldest)
    return former
  }

  /** Whom a packet is for that answers a translated one, as far back as is known. */
  receiver(gateway: number, { source, destination, ports }: IpPacket): Inside | undefined {
    if (!ports) return undefined
    const station = { address: source, port: ports.source }
    const before = this.#before.get(
      keyOf(gateway, station, { address: destination, port: ports.destination }),
    )
    return before && (this.#before.get(keyOf(gateway, station, before)) ?? before)
  }
}

function keyOf(gateway: number, station: End, end: End): string {
  return `${gateway} ${station.address} ${station.port} ${end.address} ${end.port}`
}
