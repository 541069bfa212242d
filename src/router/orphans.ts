import type { IpPacket } from '../frames/packet.js'

/** Connections that are remembered, and for how long at most. */
const remembered = 4096
const memoryMs = 300_000

/**
 * Connections that a gateway's host does not know, by what stations outside send. The workload at the other end may take
 * one up by sending something itself, so a station is refused only when it has asked before and nobody has.
 */
export class Orphans {
  readonly #seenMs = new Map<string, number>()

  constructor(
    /** Milliseconds. */
    readonly now: () => number,
    /** For how long the workload may take it up. */
    readonly patienceMs = 2000,
  ) {}

  /** Whether the workload has had its time; the packet is a segment of the connection, from outside. */
  isGivenUp({ source, destination, ports }: IpPacket): boolean {
    const connection = `${source} ${ports?.source} ${destination} ${ports?.destination}`
    const now = this.now()
    const agoMs = now - (this.#seenMs.get(connection) ?? Number.NEGATIVE_INFINITY)
    if (agoMs < memoryMs) return agoMs >= this.patienceMs
    this.#seenMs.delete(connection)
    this.#seenMs.set(connection, now)
    const [oldest] = this.#seenMs.keys()
    if (this.#seenMs.size > remembered && oldest !== undefined) this.#seenMs.delete(oldest)
    return false
  }
}
