import { Malformed } from '../frames/malformed.js'
import type { IpPacket } from '../frames/packet.js'
import type { Model } from '../model/model.js'
import type { Change, NetworkRow, WorkloadRow } from '../model/rows.js'
import type { WorkloadPort } from '../model/workload-port.js'
import { advertisementFrame, allNodes, type Receiver } from './advertisement.js'
import { advertisementFor } from './content.js'
import { isSolicitation } from './solicitation.js'

export interface RouterAdvertisementsOptions {
  readonly model: Model
  /** The router of every network: its MAC and link-local address. */
  readonly router: Receiver
  /** Sends a frame to a workload, out of its port of a host's bridge; false when the switch is not connected. */
  readonly send: (host: string, to: WorkloadPort, frame: Buffer) => boolean
}

/** The most that RFC 4861 §6.2.1 allows (MaxRtrAdvInterval). */
const intervalMs = 1_800_000
/** Workloads that are looked at in one step, so that many that are due at once are told in turn. */
const atOnce = 50

/** Tells workloads about their networks: when they ask, when something has changed, and from time to time. */
export class RouterAdvertisements {
  /** Workloads that something has changed for. */
  readonly #changed = new Set<string>()
  /** When each workload is told again, the earliest first. */
  readonly #next = new Map<string, number>()
  #sent = 0

  constructor(readonly options: RouterAdvertisementsOptions) {}

  /** Count of advertisements that nobody asked for. */
  get sent(): number {
    return this.#sent
  }

  /** The frame that answers a solicitation; undefined in a network that has no router advertisements. */
  answer(packet: IpPacket, network: NetworkRow, workload: WorkloadRow): Buffer | Malformed | undefined {
    if (!isSolicitation(packet)) return new Malformed('no router solicitation')
    const address = packet.source === '::' ? allNodes : packet.source
    return this.#frame(network, workload, { mac: packet.macSource, address })
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    const { model } = this.options
    for (const { table, id, row } of changes)
      if (table === 'network')
        for (const each of model.by('workloadsByNetwork', id)) this.#changed.add(each.id)
      else if ((table === 'placement' || table === 'workload') && row) this.#changed.add(id)
  }

  /** A host's switch has connected and is as it should be: its workloads may have missed something. */
  reconnected(host: string): void {
    for (const { id } of this.options.model.by('placementsByHost', host)) this.#changed.add(id)
  }

  /** Does what it is time for; to be called often. */
  tick(nowMs: number): void {
    let left = atOnce
    for (const id of this.#changed) {
      if (left-- === 0) return
      this.#changed.delete(id)
      this.#tell(id, nowMs)
    }
    for (const [id, atMs] of this.#next) {
      if (atMs > nowMs || left-- === 0) return
      this.#tell(id, nowMs)
    }
  }

  #tell(id: string, nowMs: number): void {
    const { model, send } = this.options
    this.#next.delete(id)
    const placement = model.get('placement', id)
    const workload = model.get('workload', id)
    const network = workload && model.get('network', workload.network)
    const frame = network && this.#frame(network, workload, { mac: workload.mac, address: allNodes })
    if (!placement || !frame) return
    this.#next.set(id, nowMs + intervalMs)
    if (send(placement.host, { port: placement.ofport, workload }, frame)) this.#sent++
  }

  /** To one MAC, whoever the packet is for: others are told other things (RFC 6085). */
  #frame(network: NetworkRow, workload: WorkloadRow, to: Receiver): Buffer | undefined {
    const said = advertisementFor(network, workload, to.mac)
    return said && advertisementFrame(said, this.options.router, to)
  }
}
