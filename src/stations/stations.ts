import type { Logger } from 'pino'
import { isOfOne } from '../frames/answerable.js'
import { readAdvertisement, readDestination, readQuestioner, whoHas } from '../frames/neighbours.js'
import { addressBits, covers, parseBlock, parseBlockOrAddress } from '../model/block.js'
import type { Model } from '../model/model.js'
import type { Change, NetworkRow } from '../model/rows.js'

export interface StationsOptions {
  readonly model: Model
  /** The MAC with which the routers of a host ask on VLANs, and in networks that have none. */
  readonly macs: { readonly wire: (host: string) => string; readonly router: string }
  /** Lets a frame enter a network at a host, as if its router had sent it; false when the switch is not connected. */
  readonly send: (host: string, network: NetworkRow, frame: Buffer) => boolean
  /** False while a file cannot be read that has never been read: a network that no file names may yet be one. */
  readonly mayForget: () => boolean
  readonly onChanges: (changes: readonly Change[]) => void
  readonly log: Logger
}

/** What is known of one station. */
interface Station {
  readonly network: string
  readonly address: string
  confirmedAtMs: number
  /** Questions since the last answer, and when the last of them was asked. */
  probes: number
  askedAtMs: number
}

/** Counts since the start. */
export interface StationFigures {
  readonly asked: number
  readonly answered: number
  readonly malformed: number
}

const noMac = '00:00:00:00:00:00'
/** An answer is good for so long; then the station is asked again. */
const confirmMs = 30_000
/** Milliseconds from a question to the next: after the first, doubled by each, and at most. */
const retryMs = { first: 100, most: 1000 } as const
/** A station that has not answered so many times is forgotten. */
const maxProbes = 6
/** Stations that are sought or known at once: more are not looked for. */
const maxStations = 65_536

/**
 * Finds where the tenant's routers send what is for stations that no file says the MAC of: physical ones on the VLAN of a
 * network, and whoever of several workloads uses an address. Packets flow by what was found last; nobody waits for this.
 */
export class Stations {
  readonly #stations = new Map<string, Station>()
  readonly #figures = { asked: 0, answered: 0, malformed: 0 }

  constructor(readonly options: StationsOptions) {}

  get figures(): StationFigures {
    return { ...this.#figures }
  }

  /** Asks whom it is time to ask; to be called often. */
  probe(nowMs: number): void {
    const { model, mayForget } = this.options
    for (const { id, network, address } of model.rows('station'))
      if (!this.#stations.has(id)) this.#note(network, address).confirmedAtMs = nowMs - confirmMs
    for (const [id, station] of this.#stations) {
      if (nowMs - station.confirmedAtMs < confirmMs && model.get('station', id)) continue
      const network = model.get('network', station.network)
      const asker = network && this.#asker(network)
      if (!network || !asker) {
        if (mayForget()) this.#forget(id)
      } else if (station.probes >= maxProbes) this.#forget(id)
      else this.#ask(network, asker, station, nowMs)
    }
  }

  /** Takes a packet that a router could not send on: its destination's MAC is not known. */
  sought(vni: number, frame: Buffer, nowMs: number): void {
    const [network] = this.options.model.by('networksByVni', String(vni))
    const address = readDestination(frame)
    if (address === undefined) this.#figures.malformed++
    if (!network || address === undefined || !isStation(network, address)) return
    if (this.#stations.size >= maxStations) return
    const asker = this.#asker(network)
    if (asker) this.#ask(network, asker, this.#note(network.id, address), nowMs)
  }

  /** Takes an answer, a physical station's question for the router, or what a workload of several tells unasked. */
  told(vni: number, frame: Buffer, nowMs: number): void {
    const [network] = this.options.model.by('networksByVni', String(vni))
    const advertisement = readAdvertisement(frame) ?? readQuestioner(frame)
    if (!advertisement || !isOfOne(advertisement.mac) || advertisement.mac === noMac) {
      this.#figures.malformed++
      return
    }
    if (!network) return
    const { address, mac } = advertisement
    const id = `${network.id}/${address}`
    if (!this.#stations.has(id) && !this.#mayBe(network, address)) return
    const station = this.#note(network.id, address)
    station.confirmedAtMs = nowMs
    station.probes = 0
    this.#figures.answered++
    if (this.options.model.get('station', id)?.mac === mac) return
    this.options.log.info({ network: network.id, address, mac }, 'station found')
    this.options.onChanges([{ table: 'station', id, row: { id, network: network.id, address, mac } }])
  }

  #note(network: string, address: string): Station {
    const id = `${network}/${address}`
    const never = Number.NEGATIVE_INFINITY
    const known = this.#stations.get(id)
    const station = known ?? { network, address, confirmedAtMs: never, probes: 0, askedAtMs: never }
    this.#stations.set(id, station)
    return station
  }

  #ask(network: NetworkRow, { host, mac }: Asker, station: Station, nowMs: number): void {
    if (nowMs < station.askedAtMs + Math.min(retryMs.first * 2 ** (station.probes - 1), retryMs.most)) return
    const own = station.address.includes(':') ? network.gateway6 : network.gateway
    if (own === undefined) return
    if (!this.options.send(host, network, whoHas(station.address, { address: own, mac }))) return
    station.askedAtMs = nowMs
    station.probes++
    this.#figures.asked++
  }

  /** Who asks in a network: the host that speaks for its router on the VLAN, or one that has workloads of it. */
  #asker({ id }: NetworkRow): Asker | undefined {
    const { model, macs } = this.options
    const wire = model.by('wiresByNetwork', id).find(({ port, speaks }) => port !== undefined && speaks)
    if (wire) return { host: wire.host, mac: macs.wire(wire.host) }
    const [host] = model.by('hostsOfNetwork', id)
    return host === undefined ? undefined : { host, mac: macs.router }
  }

  /** Whether a station of a VLAN may have an address, or workloads may use it beside their own. */
  #mayBe(network: NetworkRow, address: string): boolean {
    if (this.#stations.size >= maxStations) return false
    if (network.vlan && isStation(network, address)) return true
    const { model } = this.options
    const { id } = network
    if (model.by('workloadsByAllowance', `${id} ${address}`).length > 0) return true
    return model
      .by('workloadsByNetwork', id)
      .some(({ allowed = [] }) => allowed.some(({ ip }) => covers(ip, address)))
  }

  #forget(id: string): void {
    this.#stations.delete(id)
    if (this.options.model.get('station', id)) this.options.onChanges([{ table: 'station', id }])
  }
}

interface Asker {
  readonly host: string
  readonly mac: string
}

/** Whether a station of the network may have the address: neither the network's own nor its broadcast address. */
function isStation({ subnet, subnet6 }: NetworkRow, address: string): boolean {
  const text = address.includes(':') ? subnet6 : subnet
  if (text === undefined || !covers(text, address)) return false
  const block = parseBlock(text)
  const host = parseBlockOrAddress(address).bits - block.bits
  const size = 1n << BigInt(addressBits[block.family] - block.length)
  return size <= 2n || (host > 0n && (block.family === 6 || host < size - 1n))
}
