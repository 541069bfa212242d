import { addressText } from '../frames/addresses.js'
import { ipFrame } from '../frames/headers.js'
import { type IpPacket, readPacket } from '../frames/packet.js'
import { redirected } from '../frames/redirected.js'
import { refusal } from '../frames/rejection.js'
import { isOpening } from '../frames/tcp-flags.js'
import { versionOf } from '../model/outside.js'
import { type Inside, Mappings } from './mappings.js'
import { Orphans } from './orphans.js'
import type { Way } from './way.js'

/** The first packet of a connection that a gateway has given an address and port outside, on its way there. */
export interface MappedPacket {
  readonly frame: Buffer
  /** Numbers of the gateway, and of the tenant of the workload that opens it. */
  readonly gateway: number
  readonly tenant: number
  /** What the workload has itself: the number that its address is, and its port. */
  readonly address: bigint
  readonly port: number
}

export interface ConnectionsOptions {
  /** The MAC of every tenant's router. */
  readonly mac: string
  /** Sends a frame at a host's bridge. */
  readonly send: (host: string, way: Way, frame: Buffer) => void
  /** Milliseconds. */
  readonly now: () => number
}

export interface ConnectionsFigures {
  /** Connections of which it is known who has them. */
  readonly known: number
  /** Segments from outside that were handed on to the workload whose connection another host has carried. */
  readonly handedOn: number
  /** Connections that were reset, since what they had outside is another's. */
  readonly displaced: number
}

/**
 * TCP connections of workloads with stations outside, as far as a gateway's host has told of their beginning. The next host
 * knows none of them: who sends takes his up there, and who only listens is handed what comes, to which he answers.
 */
export class Connections {
  readonly #mappings = new Mappings()
  readonly #orphans: Orphans
  #handedOn = 0
  #displaced = 0

  constructor(readonly options: ConnectionsOptions) {
    this.#orphans = new Orphans(options.now)
  }

  get figures(): ConnectionsFigures {
    return { known: this.#mappings.size, handedOn: this.#handedOn, displaced: this.#displaced }
  }

  /** Takes note of a connection. One that goes on with what was another's outside cannot, and is reset as if from there. */
  mapped(host: string, { frame, gateway, tenant, address, port }: MappedPacket): void {
    const packet = readPacket(frame)
    if (!packet) return
    const inside = { tenant, address: addressText(address, versionOf(packet.source)), port }
    const former = this.#mappings.note(gateway, packet, inside)
    if (!former || isOpening(packet) || isSame(former, inside)) return
    const { macSource, macDestination } = packet
    const reset = refusal(packet)
    const answer = reset && readPacket(ipFrame(macSource, macDestination, reset))
    // Conntrack would not let it through: it has heard of the other's sequence numbers by now.
    if (answer && this.#handOn(host, gateway, inside, answer)) this.#displaced++
  }

  /**
   * Takes a segment from outside, of a connection that the gateway's host does not know.
   * @returns whether its workload had time to take it up, so that the station is to be refused
   */
  isGivenUp(host: string, gateway: number, segment: IpPacket): boolean {
    if (this.#orphans.isGivenUp(segment)) return true
    const receiver = this.#mappings.receiver(gateway, segment)
    if (receiver && this.#handOn(host, gateway, receiver, segment)) this.#handedOn++
    return false
  }

  /** Sends a segment from outside on as if it had been translated; false for what is none. */
  #handOn(host: string, gateway: number, { tenant, address, port }: Inside, segment: IpPacket): boolean {
    const { mac, send } = this.options
    const packet = redirected(segment, address, port)
    if (packet) send(host, { inside: tenant, gateway }, ipFrame(mac, segment.macSource, packet.bytes))
    return packet !== undefined
  }
}

function isSame(one: Inside, other: Inside): boolean {
  return one.tenant === other.tenant && one.address === other.address
}
