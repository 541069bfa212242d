import type { Logger } from 'pino'
import { everything } from '../model/index-definitions.js'
import type { Model } from '../model/model.js'
import type { Change, GatewayRow, SuccessionRow } from '../model/rows.js'

export interface FailoverOptions {
  readonly model: Model
  /** A gateway's hosts that are hosts of the cluster, in the order in which they carry its traffic. */
  readonly hostsOf: (gateway: GatewayRow) => readonly string[]
  /** Whether a gateway's next hop is taken to send back what is for the gateway itself. */
  readonly isEchoed: (gateway: GatewayRow) => boolean
  /** Whether what a host has told is what is so now. */
  readonly isConnected: (host: string) => boolean
  /** Whether a host's switch can be told something, and whether it has all that it should have. */
  readonly isReachable: (host: string) => boolean
  readonly isSettled: (host: string) => boolean
  /** Whether the next hop answers other hosts of the gateway, but not this one. */
  readonly isSilent: (gateway: GatewayRow, host: string) => boolean
  /** Tells the outside that a gateway's addresses are now at a host. */
  readonly announce: (gateway: GatewayRow, host: string) => void
  readonly onChanges: (changes: readonly Change[]) => void
  readonly log: Logger
}

/** What a gateway's host does: it carries the traffic, would do so next, has no uplink, or is not there. */
export type HostState = 'active' | 'standby' | 'no uplink' | 'down'

/** A host that has not been seen alive is waited for so long before its place is given to another. */
const patienceMs = 5000
/** A first host that carries a gateway and has not been sent back a packet by the next hop for so long never will. */
const echoMs = 8000

type Hold = Required<Pick<SuccessionRow, 'isHeld' | 'isEchoed'>>

/** What a new order begins with: the first host is to take it up, and its next hop is tried. */
const unheld: Hold = { isHeld: false, isEchoed: true }

/** What is remembered of a gateway from one look to the next. */
interface Watched {
  active: string | undefined
  /** Who has last been seen to carry it. */
  holder: string | undefined
  takeovers: number
  /** Since when its first host is missed. */
  missedSinceMs: number | undefined
  /** Since when its first host lives and has not been seen to carry it. */
  unheldSinceMs: number | undefined
}

/**
 * Follows which host carries each gateway that several can carry. Hosts choose by themselves; this keeps the order in
 * step with what they chose, so that a host that is back does not take over by itself, and goes past hosts whose uplink
 * is cut, which hosts cannot see.
 */
export class Failover {
  readonly #gateways = new Map<string, Watched>()
  readonly #seen = new Set<string>()

  constructor(readonly options: FailoverOptions) {}

  /** The host that carries a gateway's traffic. */
  activeHost(gateway: GatewayRow): string | undefined {
    const hosts = this.options.hostsOf(gateway)
    if (hosts.length < 2) return hosts[0]
    const alive = hosts.filter((host) => this.#isAlive(host))
    if (!this.#succession(gateway)?.isHeld) return alive[0] ?? hosts[0]
    const holder = alive.find((host) => this.#holds(gateway, host))
    // Who lives and does not say so any more has handed over to the next.
    const last = this.#areKnown(gateway, alive) ? this.#gateways.get(gateway.id)?.holder : undefined
    return holder ?? alive.find((host) => host !== last) ?? alive[0] ?? hosts[0]
  }

  /** What each host of a gateway does, in the order of the file. */
  states(gateway: GatewayRow): Readonly<Record<string, HostState>> {
    const active = this.activeHost(gateway)
    const state = (host: string): HostState => {
      if (!this.options.model.get('host', host) || !this.#isAlive(host)) return 'down'
      if (!this.#hasUplink(gateway, host)) return 'no uplink'
      return host === active ? 'active' : 'standby'
    }
    return Object.fromEntries(gateway.hosts.map((host) => [host, state(host)]))
  }

  /** Whether hosts stay with whoever carries a gateway, and whether they notice by themselves that its uplink is cut. */
  standing(gateway: GatewayRow): { readonly held: boolean; readonly uplinkWatched: boolean } {
    const held = this.#succession(gateway)?.isHeld ?? false
    return { held, uplinkWatched: held && this.options.isEchoed(gateway) }
  }

  /** How often another host has taken over since the controller was started. */
  takeovers(gateway: GatewayRow): number {
    return this.#gateways.get(gateway.id)?.takeovers ?? 0
  }

  /** Looks at every gateway: to be called after each change, and often. */
  check(nowMs: number): void {
    const { model, onChanges } = this.options
    const changes = model.by('gateways', everything).flatMap((gateway) => this.#check(gateway, nowMs) ?? [])
    const gone = [...model.rows('succession')].filter(({ id }) => !model.get('gateway', id))
    changes.push(...gone.map(({ id }): Change => ({ table: 'succession', id })))
    if (changes.length > 0) onChanges(changes)
  }

  #check(gateway: GatewayRow, nowMs: number): Change | undefined {
    const { model, hostsOf } = this.options
    const hosts = hostsOf(gateway)
    if (hosts.length < 2) return undefined
    for (const host of hosts) if (this.#hasWitness(host)) this.#seen.add(host)
    const watched = this.#watched(gateway, hosts)
    watched.holder = hosts.find((host) => this.#isAlive(host) && this.#holds(gateway, host)) ?? watched.holder
    const active = this.activeHost(gateway)
    if (active !== watched.active && active !== undefined) {
      if (watched.active !== undefined) this.#tookOver(gateway, watched, active)
      watched.active = active
    }
    const before = model.get('succession', gateway.id)
    const order = this.#isPatient(watched, hosts, nowMs) ? hosts : this.#order(gateway, hosts)
    const suspended = this.#suspended(order, hosts, before?.suspended ?? [])
    const isNew = !isSame(order, hosts)
    const { isHeld, isEchoed } = isNew ? unheld : this.#hold(gateway, watched, order, nowMs)
    if (
      !isNew &&
      isSame(suspended, before?.suspended ?? []) &&
      isHeld === (before?.isHeld ?? false) &&
      isEchoed === (before?.isEchoed ?? true)
    )
      return undefined
    if (isNew) {
      watched.unheldSinceMs = undefined
      this.options.log.info({ gateway: gateway.id, hosts: order }, 'gateway order')
    }
    const row: SuccessionRow = { id: gateway.id, hosts: order, suspended, isHeld, isEchoed }
    return { table: 'succession', id: gateway.id, row }
  }

  /**
   * Once the first host has been seen to carry a gateway, hosts go by who does, and the order is for when nobody does.
   * A next hop that sends nothing back is found out before that.
   */
  #hold(gateway: GatewayRow, watched: Watched, [first]: readonly string[], nowMs: number): Hold {
    const { isHeld = false, isEchoed = true } = this.#succession(gateway) ?? {}
    if (gateway.preempt) return { isHeld: false, isEchoed }
    if (isHeld) return { isHeld, isEchoed }
    if (first === undefined || !this.#isAlive(first)) watched.unheldSinceMs = undefined
    else if (this.#holds(gateway, first)) {
      watched.unheldSinceMs = undefined
      this.options.log.info(
        { gateway: gateway.id, host: first, echo: this.options.isEchoed(gateway) },
        'gateway held',
      )
      return { isHeld: true, isEchoed }
    } else {
      watched.unheldSinceMs ??= nowMs
      if (nowMs - watched.unheldSinceMs >= echoMs) return { isHeld, isEchoed: false }
    }
    return { isHeld, isEchoed }
  }

  #watched({ id }: GatewayRow, [first]: readonly string[]): Watched {
    let watched = this.#gateways.get(id)
    if (!watched) {
      watched = {
        active: first,
        holder: undefined,
        takeovers: 0,
        missedSinceMs: undefined,
        unheldSinceMs: undefined,
      }
      this.#gateways.set(id, watched)
    }
    return watched
  }

  #tookOver(gateway: GatewayRow, watched: Watched, host: string): void {
    watched.takeovers++
    this.options.log.warn({ gateway: gateway.id, host, instead: watched.active }, 'gateway taken over')
    this.options.announce(gateway, host)
  }

  /** Whether a first host that is missing may only be late: at the start sessions come up one after the other. */
  #isPatient(watched: Watched, [first]: readonly string[], nowMs: number): boolean {
    if (first === undefined || this.#isAlive(first) || this.#seen.has(first)) {
      watched.missedSinceMs = undefined
      return false
    }
    watched.missedSinceMs ??= nowMs
    return nowMs - watched.missedSinceMs < patienceMs
  }

  #order(gateway: GatewayRow, hosts: readonly string[]): readonly string[] {
    const preference = gateway.hosts.filter((host) => hosts.includes(host))
    const isUsable = (host: string) => this.#hasUplink(gateway, host)
    const candidates = preference.filter((host) => this.#isAlive(host) && isUsable(host))
    const serving = this.activeHost(gateway)
    const stays = serving !== undefined && isUsable(serving) && !gateway.preempt
    const chosen = stays ? serving : (candidates[0] ?? serving)
    const others = preference.filter((host) => host !== chosen)
    return [
      ...(chosen === undefined ? [] : [chosen]),
      ...others.filter(isUsable),
      ...others.filter((host) => !isUsable(host)),
    ]
  }

  /** Hosts that have not heard of the order: those that were not there when it changed, until they have everything. */
  #suspended(
    order: readonly string[],
    hosts: readonly string[],
    before: readonly string[],
  ): readonly string[] {
    const { isReachable, isSettled } = this.options
    const isNew = !isSame(order, hosts)
    return order.slice(1).filter((host) => {
      if (isNew && !(this.#isAlive(host) && isReachable(host))) return true
      return before.includes(host) && (isNew || !isSettled(host))
    })
  }

  /** A host is alive while one that can be asked sees it, and it does not say otherwise itself. */
  #isAlive(host: string): boolean {
    const { model, isConnected } = this.options
    const watchers = model
      .by('sessionsByHost', host)
      .filter(({ host: by, other }) => other === host && isConnected(by))
    return watchers.length === 0 || this.#hasWitness(host) || this.#speaksForItself(host)
  }

  /** With just one other, which may be the one that is cut off: it is there, and says that it carries a gateway. */
  #speaksForItself(host: string): boolean {
    const { model, isConnected, isReachable } = this.options
    if (model.by('hosts', everything).length !== 2 || !isConnected(host) || !isReachable(host)) return false
    return model.by('holdingsByHost', host).some(({ isUp }) => isUp)
  }

  #hasWitness(host: string): boolean {
    const { model, isConnected } = this.options
    return model.by('sessionsByHost', host).some(({ host: by, other, isUp, isAnswered }) => {
      if (other !== host || !isConnected(by)) return false
      if (!isUp || isAnswered) return isAnswered === true
      const own = model.get('session', `${host}>${by}`)
      return own === undefined || own.isUp || !isConnected(host)
    })
  }

  #succession({ id }: GatewayRow): SuccessionRow | undefined {
    return this.options.model.get('succession', id)
  }

  /** Whether a host says that it carries a gateway. */
  #holds({ id }: GatewayRow, host: string): boolean {
    const { model, isConnected } = this.options
    return isConnected(host) && model.get('holding', `${id}@${host}`)?.isUp === true
  }

  #areKnown({ id }: GatewayRow, hosts: readonly string[]): boolean {
    const { model, isConnected } = this.options
    return hosts.every((host) => isConnected(host) && model.get('holding', `${id}@${host}`) !== undefined)
  }

  #hasUplink(gateway: GatewayRow, host: string): boolean {
    if (this.options.model.get('carrier', `${gateway.id}@${host}`)?.isUp === false) return false
    return !this.options.isSilent(gateway, host)
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
