import type { Logger } from 'pino'
import arp from '../../flows/20-arp.js'
import nd from '../../flows/25-nd.js'
import { routerMac, wireMac } from '../../flows/addresses.js'
import { packetInReasons } from '../../flows/answers.js'
import { reg } from '../../flows/registers.js'
import type { Model } from '../model/model.js'
import type { Change, NetworkRow } from '../model/rows.js'
import { Arrivals } from '../stations/arrivals.js'
import { Silences } from '../stations/silences.js'
import { type StationFigures, Stations } from '../stations/stations.js'
import type { Bridges, PacketIn } from './bridges.js'
import type { Hosts } from './hosts.js'
import type { Loop } from './loop.js'

/** Counts since the start, and how many stations are known. */
export type WhereaboutsFigures = StationFigures & { readonly known: number }

export interface WhereaboutsOptions {
  readonly model: Model
  readonly loop: Loop
  readonly hosts: () => Hosts
  readonly bridges: () => Bridges
  /** False while a file cannot be read that has never been read. */
  readonly mayForget: () => boolean
  readonly now: () => number
  readonly log: Logger
}

/** What the controller does for stations of networks that no file says the MAC of, and for VLANs. */
export class Whereabouts {
  readonly #stations: Stations
  readonly #arrivals: Arrivals
  readonly #silences: Silences

  constructor(readonly options: WhereaboutsOptions) {
    const { model, loop, mayForget, log } = options
    this.#stations = new Stations({
      model,
      macs: { wire: wireMac, router: routerMac },
      send: (host, network, frame) => this.#enter(host, network, frame),
      mayForget,
      onChanges: (changes) => loop.commit(changes),
      log,
    })
    this.#silences = new Silences({
      model,
      isHeard: (host) =>
        options.bridges().get(host) !== undefined ||
        options.hosts().links.get(host)?.state.status === 'connected',
      onChanges: (changes) => loop.commit(changes),
      log,
    })
    this.#arrivals = new Arrivals({ model, wireMac, send: (...frame) => this.#send(...frame) })
  }

  get figures(): WhereaboutsFigures {
    return { ...this.#stations.figures, known: [...this.options.model.rows('station')].length }
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    this.#arrivals.follow(changes)
  }

  /** Takes a packet that a switch sent for this; false: it was sent for something else. */
  packetIn(_host: string, { userdata, packet }: PacketIn): boolean {
    const [reason] = userdata
    if (userdata.length < 8) return false
    const vni = new DataView(userdata.buffer, userdata.byteOffset).getUint32(4)
    const now = this.options.now()
    if (reason === packetInReasons.station) this.#stations.told(vni, packet, now)
    else if (reason === packetInReasons.stationSought) this.#stations.sought(vni, packet, now)
    else return false
    return true
  }

  /** A host's switch has acknowledged what it should be. */
  settled(host: string): void {
    this.#arrivals.settled(host)
  }

  /** Does what it is time for; to be called often. */
  tick(): void {
    const now = this.options.now()
    this.#silences.check(now)
    this.#stations.probe(now)
  }

  /** As a question of the router, from the table on that passes on questions. */
  #enter(host: string, { vni, tenant: owner }: NetworkRow, frame: Buffer): boolean {
    const bridge = this.#bridge(host)
    const tenant = this.options.model.get('tenant', owner)
    if (!bridge || !tenant) return false
    const table = frame.readUInt16BE(12) === 0x0806 ? arp : nd
    bridge.device.sendToTable(
      table.number,
      [
        [reg.network, vni],
        [reg.tenant, tenant.number],
      ],
      frame,
    )
    return true
  }

  #send(host: string, port: number, frame: Buffer): boolean {
    const bridge = this.#bridge(host)
    bridge?.device.sendFrame(port, frame)
    return bridge !== undefined
  }

  /** A switch that has its flows: without them the answer would be dropped. */
  #bridge(host: string) {
    const bridge = this.options.bridges().get(host)
    return bridge && bridge.sync.realised > 0 ? bridge : undefined
  }
}
