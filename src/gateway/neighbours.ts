import { isIPv6 } from 'node:net'
import type { Logger } from 'pino'
import { readAdvertisement, readDestination, whoHas } from '../frames/neighbours.js'
import type { Model } from '../model/model.js'
import type { Change, GatewayRow } from '../model/rows.js'

export interface NeighboursOptions {
  readonly model: Model
  /** The host that carries a gateway's traffic. */
  readonly activeHost: (gateway: GatewayRow) => string | undefined
  /** Sends a frame out of a port of a host's bridge; false when the switch is not connected. */
  readonly send: (host: string, port: number, frame: Buffer) => boolean
  /** Asks in the name of a host whose own address is the gateway's; false when that is not possible. */
  readonly askAsHost: (gateway: GatewayRow, host: string, address: string) => boolean
  /** False while a file cannot be read that has never been read: a gateway that no file names may yet be one. */
  readonly mayForget: () => boolean
  readonly onChanges: (changes: readonly Change[]) => void
  readonly log: Logger
}

/** What is known of one station outside. */
interface Station {
  readonly gateway: string
  readonly address: string
  confirmedAtMs: number
  /** Questions since the last answer, and when the last of them was asked. */
  probes: number
  askedAtMs: number
}

/** An answer is good for so long; then the station is asked again. */
const confirmMs = 30_000
/** Milliseconds from a question to the next: after the first, doubled by each, and at most. */
const retryMs = { first: 100, most: 1000 } as const
/** A station on the wire that has not answered so many times is forgotten; a next hop never is. */
const maxProbes = 6

/**
 * Finds the MACs of stations outside: of next hops always, of others when a packet goes to them. Packets flow by what
 * was found last; nobody waits for this.
 */
export class Neighbours {
  readonly #stations = new Map<string, Station>()

  constructor(readonly options: NeighboursOptions) {}

  /** Asks whom it is time to ask; to be called often, and when a gateway's switch can take the answers. */
  probe(nowMs: number): void {
    this.#addKnown(nowMs)
    for (const [id, station] of this.#stations) {
      if (nowMs - station.confirmedAtMs < confirmMs && this.options.model.get('neighbour', id)) continue
      const gateway = this.options.model.get('gateway', station.gateway)
      if (!gateway) {
        if (this.options.mayForget()) this.#forget(id)
      } else if (station.probes >= maxProbes && !isNextHop(gateway, station.address)) this.#forget(id)
      else this.#ask(gateway, station, nowMs)
    }
  }

  /** Takes a frame that a switch sent because it is an answer to a question. */
  advertised(host: string, frame: Buffer, nowMs: number): void {
    const advertisement = readAdvertisement(frame)
    if (!advertisement) return
    const { address, mac } = advertisement
    for (const gateway of this.options.model.by('gatewaysByHost', host)) {
      const id = `${gateway.id}/${address}`
      const station = this.#stations.get(id)
      if (!station) continue
      station.confirmedAtMs = nowMs
      station.probes = 0
      if (this.options.model.get('neighbour', id)?.mac === mac) continue
      this.options.log.info({ gateway: gateway.id, address, mac }, 'station outside found')
      this.options.onChanges([{ table: 'neighbour', id, row: { id, gateway: gateway.id, address, mac } }])
    }
  }

  /** Takes a frame that a switch sent because it does not know the station that it goes to. */
  unresolved(host: string, frame: Buffer, nowMs: number): void {
    const address = readDestination(frame)
    if (address === undefined) return
    for (const gateway of this.options.model.by('gatewaysByHost', host)) {
      if (ownAddress(gateway, address) === undefined || this.options.activeHost(gateway) !== host) continue
      this.#ask(gateway, this.#station(gateway.id, address), nowMs)
    }
  }

  /** Next hops, and what a former life had found. */
  #addKnown(nowMs: number): void {
    for (const gateway of this.options.model.rows('gateway'))
      for (const address of [gateway.nextHop, gateway.nextHop6])
        if (address !== undefined) this.#station(gateway.id, address)
    for (const { id, gateway, address } of this.options.model.rows('neighbour'))
      if (!this.#stations.has(id)) this.#station(gateway, address).confirmedAtMs = nowMs - confirmMs
  }

  #station(gateway: string, address: string): Station {
    const id = `${gateway}/${address}`
    let station = this.#stations.get(id)
    if (!station) {
      const never = Number.NEGATIVE_INFINITY
      station = { gateway, address, confirmedAtMs: never, probes: 0, askedAtMs: never }
      this.#stations.set(id, station)
    }
    return station
  }

  #ask(gateway: GatewayRow, station: Station, nowMs: number): void {
    if (nowMs < station.askedAtMs + Math.min(retryMs.first * 2 ** (station.probes - 1), retryMs.most)) return
    const host = this.options.activeHost(gateway)
    const port = host === undefined ? undefined : this.options.model.get('bridge', host)?.uplinks[gateway.id]
    const address = ownAddress(gateway, station.address)
    if (host === undefined || port === undefined || address === undefined) return
    const { send, askAsHost } = this.options
    const isSent =
      address === 'host'
        ? askAsHost(gateway, host, station.address)
        : send(host, port, whoHas(station.address, { address, mac: gateway.mac }))
    if (!isSent) return
    station.askedAtMs = nowMs
    station.probes++
    if (station.probes === maxProbes && isNextHop(gateway, station.address))
      this.options.log.warn({ gateway: gateway.id, address: station.address }, 'next hop does not answer')
  }

  #forget(id: string): void {
    this.#stations.delete(id)
    if (this.options.model.get('neighbour', id)) this.options.onChanges([{ table: 'neighbour', id }])
  }
}

function isNextHop(gateway: GatewayRow, address: string): boolean {
  return address === gateway.nextHop || address === gateway.nextHop6
}

/** The gateway's own address of the same family, or `host`. */
function ownAddress(gateway: GatewayRow, address: string): string | undefined {
  return isIPv6(address) ? gateway.address6 : gateway.address
}
