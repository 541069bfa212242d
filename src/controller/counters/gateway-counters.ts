import type { Logger } from 'pino'
import { refused as refusals } from '../../../flows/gateways.js'
import { reg } from '../../../flows/registers.js'
import type { GatewayCounters } from '../../api/counters.js'
import type { Model } from '../../model/model.js'
import { ConnectionClosed } from '../../openflow/index.js'
import type { Engine } from '../../pipeline/engine.js'
import type { Flow } from '../../pipeline/flow.js'
import { type Count, type FlowCount, Growth } from '../growth.js'
import { decodeFlow } from '../views/flow-views.js'
import type { CountedBridge, CountedBridges } from './counted-bridges.js'
import { shared } from './shared.js'

/** How often switches are read without anybody asking, so that little is lost of flows that go. */
const readMs = 10_000

/** What translations have done with packets: sent out, taken in, or dropped for want of a port. */
type Kind = 'sent' | 'received' | 'refused'

/** What a flow counts: packets of the gateway with this number. */
interface CountedFor {
  readonly gateway: number
  readonly kind: Kind
}

/** The tables in which packets are translated, and what their flows count but for what conntrack has refused. */
const kinds: Readonly<Record<string, Kind | undefined>> = {
  'outside-transit': 'received',
  'gateway-nat': 'sent',
  uplink: undefined,
}

/** Reads from the switches what gateways have translated, and what found no port. */
export class GatewayCounterReader {
  readonly #growth = new Growth()
  readonly #totals = new Map<number, Record<Kind, Count>>()
  readonly #tables: readonly (readonly [number: number, kind: Kind | undefined])[]
  /** What each flow counts, as far as it was asked; a flow that changes is another one. */
  readonly #known = new WeakMap<Flow, { readonly of: CountedFor | undefined }>()
  #timer: NodeJS.Timeout | undefined
  readonly #read = shared(() => this.#readAll())

  constructor(
    readonly engine: Engine,
    readonly bridges: CountedBridges,
    readonly log: Logger,
  ) {
    this.#tables = engine.tables.flatMap(({ name, number }) => {
      return name in kinds ? [[number, kinds[name]] as const] : []
    })
  }

  /** From now on reads now and then, also when nobody asks. */
  start(): void {
    this.#timer = setInterval(() => void this.#read(), readMs)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** What the switches say now, by gateway. */
  async read(): Promise<readonly GatewayCounters[]> {
    await this.#read()
    return Array.from(this.#model.rows('gateway'), ({ id, number }) => {
      const { sent, received, refused } = this.#total(number)
      return { gateway: id, sent: view(sent), received: view(received), refused: view(refused) }
    })
  }

  get #model(): Model {
    return this.engine.model
  }

  async #readAll(): Promise<void> {
    const gateways = [...this.#model.rows('gateway')]
    const hosts = new Set(gateways.flatMap(({ hosts }) => hosts))
    const refused = new Map(gateways.map(({ number }) => [number, this.#total(number).refused.packets]))
    await Promise.all(
      [...hosts].flatMap((host) => this.bridges.get(host) ?? []).map((each) => this.#readOne(each)),
    )
    for (const { id, number } of gateways) {
      const packets = this.#total(number).refused.packets - (refused.get(number) ?? 0n)
      if (packets > 0n)
        this.log.warn({ gateway: id, packets: String(packets) }, 'packets found no port at a gateway')
    }
    this.#growth.keep(hosts)
    const numbers = new Set(gateways.map(({ number }) => number))
    for (const number of this.#totals.keys()) if (!numbers.has(number)) this.#totals.delete(number)
  }

  async #readOne({ host, device }: CountedBridge): Promise<void> {
    const desired = this.engine.desired(host)
    const flows: FlowCount<CountedFor>[] = []
    try {
      for (const [table, kind] of this.#tables)
        await device.readCounts(table, (key, packets, bytes) => {
          const flow = desired?.get(key)
          const of = flow && this.#of(flow, kind)
          if (of) flows.push({ key, packets, bytes, of })
        })
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, 'counters of gateways could not be read')
      return
    }
    for (const { of, packets, bytes } of this.#growth.since(host, flows)) {
      const count = this.#total(of.gateway)[of.kind]
      count.packets += packets
      count.bytes += bytes
    }
  }

  #of(flow: Flow, kind: Kind | undefined): CountedFor | undefined {
    const known = this.#known.get(flow) ?? { of: this.#countedFor(flow, kind) }
    this.#known.set(flow, known)
    return known.of
  }

  /** Undefined for a flow that says nothing of translations. */
  #countedFor({ key, content }: Flow, kind: Kind | undefined): CountedFor | undefined {
    const { match, actions, cookie } = decodeFlow(key, content)
    const gateway = match[reg.gateway]
    if (typeof gateway !== 'number') return undefined
    const rule = this.engine.unit(cookie)?.rule.name
    if (rule === refusals.connections || rule === refusals.packets) return { gateway, kind: 'refused' }
    return kind && { gateway, kind: actions.length === 0 ? 'refused' : kind }
  }

  #total(gateway: number): Record<Kind, Count> {
    let total = this.#totals.get(gateway)
    if (!total) {
      const none = (): Count => ({ packets: 0n, bytes: 0n })
      total = { sent: none(), received: none(), refused: none() }
      this.#totals.set(gateway, total)
    }
    return total
  }
}

function view({ packets, bytes }: Count) {
  return { packets: String(packets), bytes: String(bytes) }
}
