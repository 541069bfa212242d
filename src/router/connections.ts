import { ipFrame } from '../frames/headers.js'
import { type IpPacket, readPacket } from '../frames/packet.js'
import { redirected } from '../frames/redirected.js'
import { refusal } from '../frames/rejection.js'
import { isOpening } from '../frames/tcp-flags.js'
import { type Inside, Mappings, type Translation } from './mappings.js'
import { Orphans } from './orphans.js'
import type { Way } from './way.js'

/** What a switch says of a new connection that has just been translated, once of the two times. */
export interface MappedPacket extends Omit<Translation, 'packet'> {
  readonly frame: Buffer
}

export interface ConnectionsOptions {
  /** The MAC of every tenant's router. */
  readonly mac: string
  /** Sends a frame at a host's bridge. */
  readonly send: (host: string, way: Way, frame: Buffer) => void
  /** A workload gets a segment that no conntrack would let through to it. */
  readonly onHandOn: (host: string, receiver: Inside, segment: IpPacket) => void
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

  /**
   * Takes note of a connection's new source. A connection that goes on with what was another's cannot, and is reset as if by
   * the station.
   */
  mapped(host: string, { frame, ...translation }: MappedPacket): void {
    const packet = readPacket(frame)
    if (!packet) return
    const { gateway, tenant, before } = translation
    const former = this.#mappings.note({ ...translation, packet })
    if (!former || isOpening(packet) || isSame(former, { tenant, ...before })) return
    // Back as if translated, for conntrack has heard of the other's sequence numbers by now.
    const back = reply(packet, refusal(packet))
    const receiver = back && this.#mappings.receiver(gateway, back)
    if (receiver && this.#handOn(host, gateway, receiver, back)) this.#displaced++
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
  #handOn(host: string, gateway: number, receiver: Inside, segment: IpPacket): boolean {
    const { mac, send, onHandOn } = this.options
    const { tenant, address, port } = receiver
    const packet = redirected(segment, address, port)
    if (!packet) return false
    send(host, { inside: tenant, gateway }, ipFrame(mac, segment.macSource, packet.bytes))
    onHandOn(host, receiver, segment)
    return true
  }
}

function isSame(one: Inside, other: Inside): boolean {
  return one.tenant === other.tenant && one.address === other.address && one.port === other.port
}

function reply({ macSource, macDestination }: IpPacket, bytes: Buffer | undefined): IpPacket | undefined {
  return bytes && readPacket(ipFrame(macSource, macDestination, bytes))
}
