import { announcement } from '../frames/neighbours.js'
import type { Model } from '../model/model.js'
import type { Change, FloatingIpRow, GatewayRow, OutsideAddressRow } from '../model/rows.js'

export interface AnnouncementsOptions {
  readonly model: Model
  /** The host that carries a gateway's traffic. */
  readonly activeHost: (gateway: GatewayRow) => string | undefined
  /** Sends a frame out of a port of a host's bridge; false when the switch is not connected. */
  readonly send: (host: string, port: number, frame: Buffer) => boolean
}

/** Times that an address is announced, and milliseconds from one to the next (RFC 5227 §1.1). */
const times = 2
const intervalMs = 2000

/** What is still to be said of an address. */
interface Due {
  readonly gateway: string
  readonly address: string
  left: number
  nextMs: number
}

/**
 * Tells stations outside where an address is that has come to a gateway, or with its gateway to another host: switches
 * and neighbours that knew it elsewhere follow at once.
 */
export class Announcements {
  readonly #due = new Map<string, Due>()

  constructor(readonly options: AnnouncementsOptions) {}

  /** Follows a transaction; what it brings is said when the gateway's switch is `settled`. */
  follow(changes: readonly Change[]): void {
    const moved = new Set<string>()
    for (const change of changes) {
      const { table, id, row } = change
      if (table === 'floatingIp' || table === 'outsideAddress') {
        if (row && !isOfHost(row)) this.#note(`${table}/${id}`, row.gateway, row.address)
        else this.#due.delete(`${table}/${id}`)
      } else if (table === 'gateway') moved.add(id)
      else if (table === 'host' || table === 'bridge')
        for (const gateway of this.options.model.by('gatewaysByHost', id)) moved.add(gateway.id)
    }
    for (const gateway of moved) this.moved(gateway)
  }

  /** All addresses of a gateway are, or may be, at another place. */
  moved(gateway: string): void {
    const { model } = this.options
    for (const row of model.by('outsideAddressesByGateway', gateway))
      if (!isOfHost(row)) this.#note(`outsideAddress/${row.id}`, gateway, row.address)
    for (const { id, address } of model.by('floatingIpsByGateway', gateway))
      this.#note(`floatingIp/${id}`, gateway, address)
  }

  /** Says what is due at a host whose switch has acknowledged what it should be. */
  settled(host: string, nowMs: number): void {
    this.#say(nowMs, (due) => due.left === times && this.#hostOf(due) === host)
  }

  /** Says again what has been said once; to be called often. */
  repeat(nowMs: number): void {
    this.#say(nowMs, ({ left, nextMs }) => left < times && nowMs >= nextMs)
  }

  #note(key: string, gateway: string, address: string): void {
    this.#due.set(key, { gateway, address, left: times, nextMs: 0 })
  }

  #say(nowMs: number, isTime: (due: Due) => boolean): void {
    for (const [key, due] of this.#due) {
      if (!isTime(due) || !this.#send(due)) continue
      due.left--
      due.nextMs = nowMs + intervalMs
      if (due.left === 0) this.#due.delete(key)
    }
  }

  #send({ gateway: id, address }: Due): boolean {
    const { model, activeHost, send } = this.options
    const gateway = model.get('gateway', id)
    const host = gateway && activeHost(gateway)
    const port = host === undefined ? undefined : model.get('bridge', host)?.uplinks[id]
    if (gateway === undefined || host === undefined || port === undefined) return false
    return send(host, port, announcement({ address, mac: gateway.mac }))
  }

  #hostOf({ gateway: id }: Due): string | undefined {
    const gateway = this.options.model.get('gateway', id)
    return gateway && this.options.activeHost(gateway)
  }
}

/** Whether an address is one that a host itself has, which says so. */
function isOfHost(row: FloatingIpRow | OutsideAddressRow): boolean {
  return 'host' in row
}
