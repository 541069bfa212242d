import { Rotation } from './rotation.js'

/** Whether packets pass; `unknown` while nobody can say. */
export type LinkState = 'up' | 'down' | 'unknown'

/** The tunnel between two hosts, the first by name first. Times are milliseconds of the clock that never goes back. */
export interface Tunnel {
  readonly hosts: readonly [string, string]
  readonly state: LinkState
  readonly heardAtMs: number | undefined
}

export interface TunnelProbesOptions {
  /** The hosts that a host exchanges packets with: of two hosts each has the other, or none has. */
  readonly othersOf: (host: string) => Iterable<string>
  /** Sends a probe through the tunnel from one host to another; false when its switch cannot be told to. */
  readonly send: (from: string, to: string) => boolean
  /** From 0 to 1. */
  readonly random: () => number
  readonly onChange: (tunnel: Tunnel, before: LinkState) => void
}

/** How often {@link TunnelProbes.tick} is to be called. */
export const tickMs = 50
/** Milliseconds from one probe of a tunnel to the next, at least. */
const intervalMs = 200
/**
 * How many answers that are missed mean `down`, and milliseconds after which one is missed and asked for again: a twelfth
 * of the time in which all tunnels have their turn, within bounds. A tunnel that is new may take its time.
 */
const patience = { misses: 4, leastMs: 150, mostMs: 500, part: 1 / 12, newMs: 5000 } as const
/** In one tick: probes of all tunnels in turn, probes that there is a reason for, hosts whose tunnels are found out. */
const most = { inTurn: 10, urgent: 20, hosts: 20 } as const

interface Probed extends Tunnel {
  state: LinkState
  heardAtMs: number | undefined
  askedAtMs: number
  /** Probes since the last answer. */
  unanswered: number
  /** Which of the two hosts asked last. */
  turn: 0 | 1
  readonly addedAtMs: number
}

/**
 * Probes the tunnels that packets take (decision 100). A probe goes to the other host and comes back from there, so one
 * that is answered says that both ways work, and needs the controller at one end only; the two ends take turns.
 */
export class TunnelProbes {
  readonly #tunnels = new Map<string, Map<string, Probed>>()
  readonly #inTurn: Rotation<Probed>
  /** Asked, and not answered yet. */
  readonly #waiting = new Set<Probed>()
  readonly #urgent = new Set<Probed>()
  /** Hosts whose tunnels may have become others. */
  readonly #stale = new Set<string>()
  #sent = 0

  constructor(readonly options: TunnelProbesOptions) {
    this.#inTurn = new Rotation(options.random)
  }

  /** Probes sent, in all. */
  get sent(): number {
    return this.#sent
  }

  /** Every tunnel once. */
  *tunnels(): Generator<Tunnel> {
    for (const [host, others] of this.#tunnels)
      for (const tunnel of others.values()) if (tunnel.hosts[0] === host) yield tunnel
  }

  /** With whom a host exchanges packets may have changed. */
  changed(host: string): void {
    this.#stale.add(host)
  }

  /** A host's switch can be told to send: its tunnels are tried at once, for that opens them, too. */
  ready(host: string, nowMs: number): void {
    this.#update(host, nowMs)
    for (const tunnel of this.#of(host).values()) this.#ask(tunnel, nowMs, tunnel.hosts[0] === host ? 0 : 1)
  }

  /** A probe from `host` to `other` has come back. */
  heard(host: string, other: string, nowMs: number): void {
    const tunnel = this.#tunnels.get(host)?.get(other)
    if (!tunnel) return
    tunnel.heardAtMs = nowMs
    tunnel.unanswered = 0
    this.#waiting.delete(tunnel)
    this.#become(tunnel, 'up')
  }

  /** Asks whom it is time to ask. */
  tick(nowMs: number): void {
    for (const host of first(this.#stale, most.hosts)) this.#update(host, nowMs)
    const patienceMs = this.#patienceMs()
    for (const tunnel of this.#waiting) if (nowMs - tunnel.askedAtMs >= patienceMs) this.#miss(tunnel, nowMs)
    for (const tunnel of first(this.#urgent, most.urgent)) {
      this.#urgent.delete(tunnel)
      if (!this.#waiting.has(tunnel)) this.#ask(tunnel, nowMs)
    }
    for (const tunnel of this.#inTurn.take(most.inTurn))
      if (nowMs - tunnel.askedAtMs >= intervalMs && !this.#waiting.has(tunnel)) this.#ask(tunnel, nowMs)
  }

  #patienceMs(): number {
    const roundMs = (this.#inTurn.size / most.inTurn) * tickMs
    return Math.min(patience.mostMs, Math.max(patience.leastMs, roundMs * patience.part))
  }

  #of(host: string): ReadonlyMap<string, Probed> {
    return this.#tunnels.get(host) ?? new Map<string, Probed>()
  }

  #update(host: string, nowMs: number): void {
    this.#stale.delete(host)
    const wanted = new Set(this.options.othersOf(host))
    wanted.delete(host)
    for (const [other, tunnel] of this.#of(host)) if (!wanted.has(other)) this.#remove(tunnel)
    for (const other of wanted) if (!this.#of(host).has(other)) this.#add(host, other, nowMs)
  }

  #add(host: string, other: string, nowMs: number): void {
    const tunnel: Probed = {
      hosts: host < other ? [host, other] : [other, host],
      state: 'unknown',
      heardAtMs: undefined,
      askedAtMs: Number.NEGATIVE_INFINITY,
      unanswered: 0,
      turn: 0,
      addedAtMs: nowMs,
    }
    this.#file(host, other, tunnel)
    this.#file(other, host, tunnel)
    this.#inTurn.add(tunnel)
    // Both ways, so that each end finds the other's MAC before the first packet of a workload needs it.
    this.#ask(tunnel, nowMs, 1)
    this.#ask(tunnel, nowMs, 0)
  }

  #file(host: string, other: string, tunnel: Probed): void {
    const others = this.#tunnels.get(host) ?? new Map<string, Probed>()
    this.#tunnels.set(host, others.set(other, tunnel))
  }

  #remove(tunnel: Probed): void {
    const [one, two] = tunnel.hosts
    this.#tunnels.get(one)?.delete(two)
    this.#tunnels.get(two)?.delete(one)
    for (const host of tunnel.hosts) if (this.#of(host).size === 0) this.#tunnels.delete(host)
    this.#inTurn.delete(tunnel)
    this.#waiting.delete(tunnel)
    this.#urgent.delete(tunnel)
  }

  #ask(tunnel: Probed, nowMs: number, first: 0 | 1 = other(tunnel.turn)): void {
    const { hosts } = tunnel
    const turn = [first, other(first)].find((each) => this.options.send(hosts[each], hosts[other(each)]))
    tunnel.askedAtMs = nowMs
    if (turn === undefined) {
      this.#waiting.delete(tunnel)
      tunnel.unanswered = 0
      this.#become(tunnel, 'unknown')
      return
    }
    this.#sent++
    tunnel.turn = turn
    tunnel.unanswered++
    this.#waiting.add(tunnel)
  }

  #miss(tunnel: Probed, nowMs: number): void {
    if (tunnel.state !== 'down' && tunnel.unanswered < patience.misses) {
      this.#ask(tunnel, nowMs)
      return
    }
    this.#waiting.delete(tunnel)
    if (tunnel.state === 'up' || nowMs - tunnel.addedAtMs >= patience.newMs) this.#become(tunnel, 'down')
  }

  /** What has happened to one tunnel of a host may have happened to all: they are looked at. */
  #become(tunnel: Probed, state: LinkState): void {
    const before = tunnel.state
    if (before === state) return
    tunnel.state = state
    if (state !== 'unknown' && before !== 'unknown')
      for (const host of tunnel.hosts)
        for (const each of this.#of(host).values()) if (each !== tunnel) this.#urgent.add(each)
    this.options.onChange(tunnel, before)
  }
}

function first<T>(items: ReadonlySet<T>, count: number): readonly T[] {
  const found: T[] = []
  for (const item of items) {
    if (found.length === count) break
    found.push(item)
  }
  return found
}

function other(turn: 0 | 1): 0 | 1 {
  return turn === 0 ? 1 : 0
}
