import { macBytes } from '../frames/addresses.js'
import { readAdvertisement, whoHas } from '../frames/neighbours.js'
import type { Model } from '../model/model.js'
import type { GatewayRow } from '../model/rows.js'
import type { UplinkProbesOptions } from './uplink-probes.js'

export interface NextHopChecksOptions extends Omit<UplinkProbesOptions, 'send'> {
  /** Sends a frame out of a port of a host's bridge; false when the switch is not connected. */
  readonly send: (host: string, port: number, frame: Buffer) => boolean
  readonly model: Model
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Whether a gateway's next hop answered a host when it was asked last, and when it last did; empty: it was not asked. */
export interface Answered {
  readonly isAnswered?: boolean
  readonly heardAtMs?: number
}

/** Questions that nobody answers until a next hop counts as gone, and how long each waits. */
const patience = { questions: 3, ms: 100 } as const

/**
 * Asks next hops because somebody wants to know: on a wire that nobody looks at nobody is disturbed. The first question
 * goes to where the next hop was last found, and to nobody else.
 */
export class NextHopChecks {
  readonly #answers = new Map<string, Answered>()
  /** Checks under way, and what ends the wait for an answer. */
  readonly #running = new Map<string, { readonly done: Promise<void>; hear: () => void }>()

  constructor(readonly options: NextHopChecksOptions) {}

  answered(gateway: GatewayRow, host: string): Answered {
    return this.#answers.get(uplink(gateway, host)) ?? {}
  }

  /** Asks every next hop from every host of its gateway; returns when all have answered or have had their time. */
  async check(): Promise<void> {
    const { model, hostsOf } = this.options
    const checks: Promise<void>[] = []
    for (const gateway of model.rows('gateway'))
      for (const host of hostsOf(gateway)) checks.push(this.#checked(gateway, host))
    await Promise.all(checks)
  }

  /** Takes the answer that came to a host. */
  heard(host: string, frame: Buffer): void {
    const advertisement = readAdvertisement(frame)
    if (!advertisement) return
    for (const gateway of this.options.model.by('gatewaysByHost', host)) {
      if (advertisement.address !== nextHopOf(gateway)) continue
      const id = uplink(gateway, host)
      this.#answers.set(id, { isAnswered: true, heardAtMs: this.options.now() })
      this.#running.get(id)?.hear()
    }
  }

  #checked(gateway: GatewayRow, host: string): Promise<void> {
    const id = uplink(gateway, host)
    const running = this.#running.get(id)
    if (running) return running.done
    let hear: () => void = () => undefined
    const heard = new Promise<void>((resolve) => {
      hear = resolve
    })
    const done = this.#check(gateway, host, heard).finally(() => this.#running.delete(id))
    this.#running.set(id, { done, hear })
    return done
  }

  async #check(gateway: GatewayRow, host: string, heard: Promise<void>): Promise<void> {
    const id = uplink(gateway, host)
    let isHeard = false
    void heard.then(() => {
      isHeard = true
    })
    for (let question = 0; question < patience.questions; question++) {
      if (!this.#ask(gateway, host, question === 0)) {
        this.#answers.delete(id)
        return
      }
      await Promise.race([heard, this.options.sleep(patience.ms)])
      if (isHeard) return
    }
    this.#answers.set(id, { ...this.#answers.get(id), isAnswered: false })
  }

  #ask(gateway: GatewayRow, host: string, isFirst: boolean): boolean {
    const { model, identityOf, send } = this.options
    const port = model.get('bridge', host)?.uplinks[gateway.id]
    const target = nextHopOf(gateway)
    if (port === undefined || target === undefined) return false
    const { mac, linkLocal } = identityOf(gateway, host)
    const frame = whoHas(target, { address: target.includes(':') ? linkLocal : '0.0.0.0', mac })
    const known = model.get('neighbour', `${gateway.id}/${target}`)?.mac
    // RFC 1122, §2.3.2.1: a unicast poll.
    if (isFirst && known !== undefined) macBytes(known).copy(frame)
    return send(host, port, frame)
  }
}

function uplink({ id }: GatewayRow, host: string): string {
  return `${id}@${host}`
}

function nextHopOf({ nextHop, nextHop6 }: GatewayRow): string | undefined {
  return nextHop ?? nextHop6
}
