import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { hostMac, linkLocal } from '../../flows/addresses.js'
import { packetInReasons } from '../../flows/answers.js'
import { hostsOf, isEchoed } from '../../flows/gateways.js'
import { Announcements } from '../gateway/announcements.js'
import { Failover } from '../gateway/failover.js'
import { Neighbours } from '../gateway/neighbours.js'
import { NextHopChecks } from '../gateway/next-hop-checks.js'
import { UplinkProbes } from '../gateway/uplink-probes.js'
import type { Model } from '../model/model.js'
import type { Change, GatewayRow } from '../model/rows.js'
import { ConnectionClosed } from '../openflow/index.js'
import type { Bridges } from './bridges.js'
import type { Hosts } from './hosts.js'
import type { Loop } from './loop.js'
import type { OuterBridges } from './outer-bridges.js'

export interface GatewaysOptions {
  readonly model: Model
  readonly loop: Loop
  readonly hosts: () => Hosts
  readonly bridges: () => Bridges
  readonly outerBridges: () => OuterBridges
  /** False while a file cannot be read that has never been read: a gateway that no file names may yet be one. */
  readonly mayForget: () => boolean
  readonly now: () => number
  readonly log: Logger
}

/** What the controller does for gateways: finds stations outside, says where addresses are, follows hosts that die. */
export class Gateways {
  readonly failover: Failover
  /** Whether next hops answer, for those who want to know. */
  readonly nextHops: NextHopChecks
  readonly #neighbours: Neighbours
  readonly #announcements: Announcements
  readonly #probes: UplinkProbes

  constructor(readonly options: GatewaysOptions) {
    const { model, loop, mayForget, log } = options
    const send = (host: string, port: number, frame: Buffer) => this.#send(host, port, frame)
    const onChanges = (changes: readonly Change[]) => loop.commit(changes)
    const ordered = (gateway: GatewayRow) => hostsOf(gateway, model)
    const identityOf = (gateway: GatewayRow, host: string) => {
      const mac = hostMac(gateway, host)
      return { mac, linkLocal: linkLocal(mac) }
    }
    this.#probes = new UplinkProbes({
      model,
      hostsOf: ordered,
      identityOf,
      send: (host, port, frame, onSent) => {
        const isSent = send(host, port, frame)
        if (isSent) void this.#acknowledged(host).then((isDone) => isDone && onSent())
        return isSent
      },
    })
    this.nextHops = new NextHopChecks({ model, hostsOf: ordered, identityOf, send, now: options.now, sleep })
    this.failover = new Failover({
      model,
      hostsOf: ordered,
      isEchoed: (gateway) => isEchoed(gateway, model),
      isConnected: (host) => options.hosts().links.get(host)?.state.status === 'connected',
      isReachable: (host) => options.bridges().get(host) !== undefined,
      isSettled: (host) => loop.consistent && options.bridges().get(host)?.sync.isIdle === true,
      isSilent: (gateway, host) => this.#probes.isSilent(gateway, host),
      announce: ({ id }, host) => {
        this.#announcements.moved(id)
        this.#announcements.settled(host, options.now())
      },
      onChanges,
      log,
    })
    const activeHost = (gateway: GatewayRow) => this.failover.activeHost(gateway)
    this.#announcements = new Announcements({ model, activeHost, send })
    const askAsHost = (gateway: GatewayRow, host: string, station: string) =>
      options.outerBridges().askAsHost(gateway, host, station)
    this.#neighbours = new Neighbours({ model, activeHost, send, askAsHost, mayForget, onChanges, log })
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    this.#announcements.follow(changes)
    if (changes.some(({ table }) => table === 'session' || table === 'holding' || table === 'carrier'))
      this.failover.check(this.options.now())
  }

  /** Takes a packet that a switch sent, with the reason that its flow gave. */
  packetIn(host: string, reason: number | undefined, frame: Buffer): void {
    const now = this.options.now()
    if (reason === packetInReasons.neighbour) this.#neighbours.advertised(host, frame, now)
    else if (reason === packetInReasons.uplink) {
      this.#probes.heard(host, frame, now)
      this.nextHops.heard(host, frame)
    } else if (reason === packetInReasons.resolve) this.#neighbours.unresolved(host, frame, now)
  }

  /** A host's switch has acknowledged what it should be. */
  settled(host: string): void {
    const { model, now } = this.options
    if (model.by('gatewaysByHost', host).length === 0) return
    this.#neighbours.probe(now())
    this.#announcements.settled(host, now())
  }

  /** Does what it is time for; to be called often. */
  tick(): void {
    const now = this.options.now()
    this.#neighbours.probe(now)
    this.#announcements.repeat(now)
    this.#probes.probe(now)
    this.failover.check(now)
  }

  /** Whether a host's switch has done all that it was told so far; false where its connection ends before. */
  async #acknowledged(host: string): Promise<boolean> {
    try {
      await this.options.bridges().get(host)?.connection.barrier()
      return true
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) throw error
      return false
    }
  }

  #send(host: string, port: number, frame: Buffer): boolean {
    const bridge = this.options.bridges().get(host)
    // Without flows the answer would be dropped, and the next one too, by what the datapath has then learned of it.
    if (!bridge || bridge.sync.realised === 0) return false
    bridge.device.sendFrame(port, frame)
    return true
  }
}
