import { readAdvertisement, whoHas } from '../frames/neighbours.js'
import type { Model } from '../model/model.js'
import type { GatewayRow } from '../model/rows.js'

export interface UplinkProbesOptions {
  readonly model: Model
  readonly hostsOf: (gateway: GatewayRow) => readonly string[]
  /** What a host asks as: never as the gateway, or switches outside would look for that at the wrong place. */
  readonly identityOf: (
    gateway: GatewayRow,
    host: string,
  ) => { readonly mac: string; readonly linkLocal: string }
  /**
   * Sends a frame out of a port of a host's bridge; false when the switch is not connected. `onSent` is called once the
   * switch has said that it has.
   */
  readonly send: (host: string, port: number, frame: Buffer, onSent: () => void) => boolean
}

const intervalMs = 500
/** A host that has not been answered for so long hears nothing. */
const silenceMs = 1600

/**
 * When a host was last told to ask for a gateway's next hop, and has last said that it did; since when it does so, and
 * when it was last answered.
 */
interface Probe {
  askedAtMs: number
  sentAtMs: number
  sinceMs: number
  heardAtMs: number
}

/** Asks for the next hop from every host of a gateway that has several: a switch cannot see further than its own wire. */
export class UplinkProbes {
  readonly #probes = new Map<string, Probe>()
  #nowMs = 0

  constructor(readonly options: UplinkProbesOptions) {}

  /** Asks where it is time to ask; to be called often. */
  probe(nowMs: number): void {
    this.#nowMs = nowMs
    const { model, hostsOf } = this.options
    for (const gateway of model.rows('gateway')) {
      const hosts = hostsOf(gateway)
      if (hosts.length > 1) for (const host of hosts) this.#ask(gateway, host)
    }
  }

  /** Takes the answer that came to a host. */
  heard(host: string, frame: Buffer, nowMs: number): void {
    const advertisement = readAdvertisement(frame)
    if (!advertisement) return
    for (const gateway of this.options.model.by('gatewaysByHost', host)) {
      const probe = this.#probes.get(`${gateway.id}@${host}`)
      if (probe && advertisement.address === nextHopOf(gateway)) probe.heardAtMs = nowMs
    }
  }

  /** Whether the next hop answers another host of the gateway, but not this one. */
  isSilent(gateway: GatewayRow, host: string): boolean {
    const probe = this.#probes.get(`${gateway.id}@${host}`)
    if (!probe || this.#hears(probe) || this.#nowMs - probe.sinceMs < silenceMs) return false
    // A switch that cannot be reached may have been answered.
    if (probe.sentAtMs - Math.max(probe.heardAtMs, probe.sinceMs) < silenceMs - intervalMs) return false
    return this.options
      .hostsOf(gateway)
      .some((other) => this.#hears(this.#probes.get(`${gateway.id}@${other}`)))
  }

  #hears(probe: Probe | undefined): boolean {
    return probe !== undefined && this.#nowMs - probe.heardAtMs < silenceMs
  }

  #ask(gateway: GatewayRow, host: string): void {
    const id = `${gateway.id}@${host}`
    const probe = this.#probes.get(id)
    if (probe && this.#nowMs < probe.askedAtMs + intervalMs) return
    const { model, identityOf, send } = this.options
    const port = model.get('bridge', host)?.uplinks[gateway.id]
    const target = nextHopOf(gateway)
    if (port === undefined || target === undefined) return
    const { mac, linkLocal } = identityOf(gateway, host)
    const address = target.includes(':') ? linkLocal : '0.0.0.0'
    const onSent = () => {
      const sent = this.#probes.get(id)
      if (sent) sent.sentAtMs = this.#nowMs
    }
    if (!send(host, port, whoHas(target, { address, mac }), onSent)) {
      this.#probes.delete(id)
      return
    }
    if (probe) probe.askedAtMs = this.#nowMs
    else
      this.#probes.set(id, {
        askedAtMs: this.#nowMs,
        sentAtMs: this.#nowMs,
        sinceMs: this.#nowMs,
        heardAtMs: Number.NEGATIVE_INFINITY,
      })
  }
}

function nextHopOf({ nextHop, nextHop6 }: GatewayRow): string | undefined {
  return nextHop ?? nextHop6
}
