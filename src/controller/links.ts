import type { Logger } from 'pino'
import { probeMacs } from '../../flows/addresses.js'
import { packetInReasons } from '../../flows/answers.js'
import { hostsOf } from '../../flows/gateways.js'
import type { LinkFigures } from '../api/link-figures.js'
import type { LinkView } from '../api/link-view.js'
import { lldpFrame, readLldp } from '../frames/lldp.js'
import { LldpNeighbours } from '../links/lldp-neighbours.js'
import { type LinkState, TunnelProbes, tickMs } from '../links/tunnel-probes.js'
import { judgeUplink, type Verdict } from '../links/uplinks.js'
import type { Model } from '../model/model.js'
import type { Change, GatewayRow } from '../model/rows.js'
import type { Bridges, PacketIn } from './bridges.js'
import type { Gateways } from './gateways.js'
import type { Hosts } from './hosts.js'
import { othersOf, touchedBy } from './link-needs.js'
import type { Sources } from './sources.js'
import { LinkViews, tunnelName, uplinkName } from './views/link-views.js'

export interface LinksOptions {
  readonly model: Model
  readonly bridges: () => Bridges
  readonly hosts: () => Hosts
  readonly gateways: () => Gateways
  readonly sources: Sources
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly today: () => Date
  /** From 0 to 1. */
  readonly random: () => number
  readonly log: Logger
}

/** Beyond so many at once links that fail or come back are told of together. */
const mostLines = 20
/** Nobody but the two hosts sees it, and they keep nothing of it. */
const probeTtlSeconds = 1

/** Who is connected to whom: tunnels between hosts, uplinks, and who stands on the wire there. */
export class Links {
  readonly #probes: TunnelProbes
  readonly #neighbours: LldpNeighbours
  readonly #views: LinkViews
  readonly #uplinks = new Map<string, LinkState>()
  /** Links whose state has become another since the last tick. */
  #changed: { readonly link: string; readonly state: LinkState; readonly reason?: string }[] = []
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(readonly options: LinksOptions) {
    const { model, random, log } = options
    this.#neighbours = new LldpNeighbours(log)
    this.#probes = new TunnelProbes({
      othersOf: (host) => othersOf(host, model),
      send: (from, to) => this.#send(from, to),
      random,
      onChange: (tunnel, before) => this.#note(tunnelName(tunnel), before, { state: tunnel.state }),
    })
    this.#views = new LinkViews({
      ...options,
      judge: (gateway, host) => this.#judge(gateway, host),
      neighbours: this.#neighbours,
    })
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), tickMs)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    const touched = new Set<string>()
    let all = false
    for (const change of changes) {
      const hosts = touchedBy(change)
      all ||= hosts === undefined
      for (const host of hosts ?? []) touched.add(host)
      if (change.table === 'host') touched.add(change.id)
    }
    if (all) for (const { id } of this.options.model.rows('host')) touched.add(id)
    for (const host of touched) this.#probes.changed(host)
    // What waits for a tunnel is not to wait for the next tick.
    if (touched.size > 0) this.tick()
  }

  /** A host's switch has connected and has its flows. */
  ready(host: string): void {
    this.#probes.ready(host, this.options.now())
  }

  /** Takes a packet that a switch sent because of a probe, or because it is LLDP from outside; false for any other. */
  packetIn(host: string, { userdata, packet, fields }: PacketIn): boolean {
    const now = this.options.now()
    if (userdata[0] === packetInReasons.probe) {
      const probe = readLldp(packet)
      if (probe?.chassis === host) this.#probes.heard(host, probe.port, now)
      return true
    }
    if (userdata[0] === packetInReasons.lldp) {
      const uplinks = Object.entries(this.options.model.get('bridge', host)?.uplinks ?? {})
      const gateway = uplinks.find(([, port]) => port === fields.inPort)?.[0]
      if (gateway !== undefined) this.#neighbours.heard(uplinkName(gateway, host), packet, now)
      return true
    }
    return false
  }

  /** Does what it is time for. */
  tick(): void {
    const now = this.options.now()
    this.#probes.tick(now)
    const uplinks = new Map(this.#eachUplink((gateway, host) => this.#judge(gateway, host)))
    for (const [link, verdict] of uplinks) {
      this.#note(link, this.#uplinks.get(link) ?? 'unknown', verdict)
      this.#uplinks.set(link, verdict.state)
    }
    for (const link of this.#uplinks.keys()) if (!uplinks.has(link)) this.#uplinks.delete(link)
    this.#neighbours.expire(now, (uplink) => uplinks.has(uplink))
    this.#tell()
  }

  /** Every link as clients see it. Next hops are asked now. */
  async views(): Promise<readonly LinkView[]> {
    await this.options.gateways().nextHops.check()
    this.tick()
    return [
      ...Array.from(this.#probes.tunnels(), (tunnel) => this.#views.tunnel(tunnel)),
      ...Array.from(
        this.#eachUplink((gateway, host) => this.#views.uplink(gateway, host)),
        ([, view]) => view,
      ),
    ]
  }

  /** Counts; next hops are asked for the next time. */
  figures(): LinkFigures {
    void this.options.gateways().nextHops.check()
    const counts = { tunnel: { up: 0, down: 0, unknown: 0 }, uplink: { up: 0, down: 0, unknown: 0 } }
    const downByHost: Record<string, number> = {}
    const count = (type: keyof typeof counts, state: LinkState, hosts: readonly string[]) => {
      counts[type][state]++
      if (state === 'down') for (const host of hosts) downByHost[host] = (downByHost[host] ?? 0) + 1
    }
    let neighbours = 0
    for (const { state, hosts } of this.#probes.tunnels()) count('tunnel', state, hosts)
    for (const [link, [state, host]] of this.#eachUplink(
      (gateway, host) => [this.#judge(gateway, host).state, host] as const,
    )) {
      count('uplink', state, [host])
      neighbours += this.#neighbours.of(link).length
    }
    return {
      tunnels: counts.tunnel,
      uplinks: counts.uplink,
      downByHost,
      failures: this.#failures,
      probes: this.#probes.sent,
      neighbours,
      ...this.#neighbours.figures,
    }
  }

  *#eachUplink<T>(look: (gateway: GatewayRow, host: string) => T): Generator<readonly [string, T]> {
    const { model } = this.options
    for (const gateway of model.rows('gateway'))
      for (const host of hostsOf(gateway, model))
        yield [uplinkName(gateway.id, host), look(gateway, host)] as const
  }

  #judge(gateway: GatewayRow, host: string): Verdict {
    const { model, hosts, bridges, gateways } = this.options
    const { isAnswered } = gateways().nextHops.answered(gateway, host)
    return judgeUplink({
      isReachable: bridges().get(host) !== undefined || hosts().links.get(host)?.state.status === 'connected',
      hasCarrier: model.get('carrier', uplinkName(gateway.id, host))?.isUp !== false,
      hasNextHop: (gateway.nextHop ?? gateway.nextHop6) !== undefined,
      ...(isAnswered === undefined ? {} : { isAnswered }),
    })
  }

  #send(from: string, to: string): boolean {
    const { model, bridges } = this.options
    const bridge = bridges().get(from)
    const tunnelPort = model.get('bridge', from)?.tunnelPort
    const tunnelIp = model.get('host', to)?.tunnelIp
    if (!bridge || bridge.sync.realised === 0 || tunnelPort === undefined || tunnelIp === undefined)
      return false
    const frame = lldpFrame(
      { destination: probeMacs.question, source: probeMacs.source },
      { chassis: from, port: to, ttlSeconds: probeTtlSeconds },
    )
    bridge.device.sendThroughTunnel(tunnelPort, tunnelIp, frame)
    return true
  }

  #note(link: string, before: LinkState, { state, reason }: Verdict): void {
    if (state === before) return
    if (state === 'down') this.#failures++
    this.#changed.push({ link, state, ...(reason === undefined ? {} : { reason }) })
  }

  #tell(): void {
    const changed = this.#changed
    if (changed.length === 0) return
    this.#changed = []
    const { log } = this.options
    if (changed.length <= mostLines) {
      for (const { state, ...link } of changed) log[state === 'up' ? 'info' : 'warn'](link, `link ${state}`)
      return
    }
    for (const state of ['up', 'down', 'unknown'] as const) {
      const links = changed.flatMap((each) => (each.state === state ? each.link : []))
      if (links.length > 0)
        log[state === 'up' ? 'info' : 'warn'](
          { count: links.length, links: links.slice(0, mostLines) },
          `links ${state}`,
        )
    }
  }
}
