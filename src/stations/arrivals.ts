import { tagged } from '../frames/headers.js'
import { announcement } from '../frames/neighbours.js'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'

export interface ArrivalsOptions {
  readonly model: Model
  /** The MAC of the routers of a host on VLANs. */
  readonly wireMac: (host: string) => string
  /** Sends a frame out of a port of a host's bridge; false when the switch is not connected. */
  readonly send: (host: string, port: number, frame: Buffer) => boolean
}

/** What is to be said on the VLAN of a network: that a workload, or the network's router, is reached from a host now. */
interface Due {
  readonly network: string
  /** Undefined: the router. */
  readonly workload?: string
}

/** Tells the switches and stations of VLANs where workloads and routers are that have come to another host. */
export class Arrivals {
  readonly #due = new Map<string, Due>()

  constructor(readonly options: ArrivalsOptions) {}

  /** Follows a transaction; what it brings is said when the host's switch is `settled`. */
  follow(changes: readonly Change[]): void {
    const { model } = this.options
    for (const { table, id, row } of changes) {
      if (table === 'placement' && row && model.get('network', row.network)?.vlan)
        this.#due.set(`workload ${id}`, { network: row.network, workload: id })
      else if (table === 'wire' && row?.port !== undefined && row.speaks)
        this.#due.set(`router ${row.network}`, { network: row.network })
    }
  }

  /** Says what is due at a host whose switch has acknowledged what it should be. */
  settled(host: string): void {
    for (const [key, due] of this.#due) {
      const place = this.#placeOf(due)
      if (place === undefined) this.#due.delete(key)
      else if (place.host === host && this.#say(due, place)) this.#due.delete(key)
    }
  }

  /** The host and port by which the VLAN is reached. */
  #placeOf({ network, workload }: Due): Place | undefined {
    const { model } = this.options
    const speaker = model
      .by('wiresByNetwork', network)
      .find(({ port, speaks }) => port !== undefined && speaks)
    const own = workload === undefined ? speaker?.host : model.get('placement', workload)?.host
    const wire = own === undefined ? undefined : model.get('wire', `${network}@${own}`)
    const there = wire?.via === undefined ? wire : speaker
    return there?.port === undefined ? undefined : { host: there.host, port: there.port, tag: there.tag }
  }

  #say({ network, workload }: Due, { host, port, tag }: Place): boolean {
    const { model, send, wireMac } = this.options
    const router = model.get('network', network)
    const station = workload === undefined ? undefined : model.get('workload', workload)
    const mac = station?.mac ?? wireMac(host)
    const routers = router?.routed ? [router.gateway, router.gateway6] : []
    const addresses = (workload === undefined ? routers : (station?.addresses ?? [])).filter(
      (address) => address !== undefined,
    )
    return addresses.every((address) => send(host, port, tagged(announcement({ address, mac }), tag)))
  }
}

interface Place {
  readonly host: string
  readonly port: number
  readonly tag: number
}
