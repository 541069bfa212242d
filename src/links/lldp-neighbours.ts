import type { Logger } from 'pino'
import { type LldpAnnouncement, readLldp } from '../frames/lldp.js'

/** A station on the wire of an uplink, as it announces itself. Times are milliseconds of the clock that never goes back. */
export interface LldpNeighbour extends LldpAnnouncement {
  readonly heardAtMs: number
}

/** Neighbours that are remembered of one uplink: a wire has few, unless somebody makes them up. */
const most = 64

/** Who stands on the wires outside: what LLDP frames that came by uplinks say, for as long as they say that it holds. */
export class LldpNeighbours {
  readonly #uplinks = new Map<string, Map<string, LldpNeighbour>>()
  #malformed = 0
  #refused = 0

  constructor(readonly log: Logger) {}

  get figures(): { readonly malformed: number; readonly refused: number } {
    return { malformed: this.#malformed, refused: this.#refused }
  }

  /** Of an uplink, `gateway@host`, in the order in which they came. */
  of(uplink: string): readonly LldpNeighbour[] {
    return [...(this.#uplinks.get(uplink)?.values() ?? [])]
  }

  heard(uplink: string, frame: Buffer, nowMs: number): void {
    const announcement = readLldp(frame)
    if (!announcement) {
      if (this.#malformed++ === 0)
        this.log.warn({ uplink }, 'LLDP frame cannot be read; further ones are counted')
      return
    }
    const { chassis, port, ttlSeconds } = announcement
    // IEEE 802.1AB, §6.6: the two ids together stand for one neighbour.
    const key = JSON.stringify([chassis, port])
    const known = this.#uplinks.get(uplink)
    if (ttlSeconds === 0) this.#lose(uplink, key, 'it says so')
    else if (known?.has(key) || (known?.size ?? 0) < most) {
      const isNew = !known?.has(key)
      this.#uplinks.set(uplink, (known ?? new Map()).set(key, { ...announcement, heardAtMs: nowMs }))
      if (isNew) this.log.info({ uplink, ...named(announcement) }, 'neighbour outside found')
    } else if (this.#refused++ === 0)
      this.log.warn({ uplink, neighbours: most }, 'too many LLDP neighbours; further ones are counted')
  }

  /** Forgets those that have not repeated themselves in time, and uplinks that are none any more. */
  expire(nowMs: number, isUplink: (uplink: string) => boolean): void {
    for (const [uplink, neighbours] of this.#uplinks) {
      if (!isUplink(uplink)) this.#uplinks.delete(uplink)
      for (const [key, { heardAtMs, ttlSeconds }] of neighbours)
        if (nowMs - heardAtMs > 1000 * ttlSeconds) this.#lose(uplink, key, 'not heard in time')
    }
  }

  #lose(uplink: string, key: string, reason: string): void {
    const neighbours = this.#uplinks.get(uplink)
    const neighbour = neighbours?.get(key)
    if (!neighbour) return
    neighbours?.delete(key)
    this.log.warn({ uplink, ...named(neighbour), reason }, 'neighbour outside gone')
  }
}

function named({ chassis, port, systemName }: LldpAnnouncement) {
  return { chassis, port, ...(systemName === undefined ? {} : { systemName }) }
}
