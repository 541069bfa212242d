import type { Logger } from 'pino'
import type { RuleCounters } from '../../api/counters.js'
import { ConnectionClosed } from '../../openflow/index.js'
import type { Engine } from '../../pipeline/engine.js'
import { cookieOf, type Flow } from '../../pipeline/flow.js'
import type { Bridge, Bridges } from '../bridges.js'
import type { FlowCount } from '../growth.js'
import { decodeFlow } from '../views/flow-views.js'
import type { CountedFor, Counting } from './counted.js'
import { RuleCounts } from './rule-counts.js'
import { shared } from './shared.js'

/** How often switches are read without anybody asking, so that little is lost of flows that go. */
const readMs = 10_000

/** Reads from the switches what each rule of each policy has let pass, and what not. */
export class RuleCounterReader {
  readonly #counts = new RuleCounts()
  /** What each flow counts for, as far as it was asked; a flow that changes is another one. */
  readonly #known = new WeakMap<Flow, { readonly of: CountedFor | undefined }>()
  #timer: NodeJS.Timeout | undefined
  readonly #read = shared(() => this.#readAll())

  constructor(
    readonly engine: Engine,
    readonly bridges: Bridges,
    readonly counting: Counting,
    readonly log: Logger,
  ) {}

  /** From now on reads now and then, also when nobody asks: a flow that goes takes its counters with it. */
  start(): void {
    this.#timer = setInterval(() => {
      if (!this.engine.model.rows('policy').next().done) void this.#read()
    }, readMs)
  }

  /** What the switches say now. Who asks while they are being read gets that reading. */
  async read(): Promise<readonly RuleCounters[]> {
    await this.#read()
    return this.#counts.all()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #readAll(): Promise<void> {
    const { model } = this.engine
    const hosts = new Set(Array.from(model.rows('host'), ({ id }) => id))
    await Promise.all(
      [...hosts].flatMap((host) => this.bridges.get(host) ?? []).map((each) => this.#readOne(each)),
    )
    this.#counts.keep(({ policy, direction, index }) => {
      if (policy === '') return true
      const of = model.get('policy', policy)?.[direction]
      return of !== undefined && (index === undefined || index < of.length)
    }, hosts)
  }

  async #readOne({ host, device }: Bridge): Promise<void> {
    const desired = this.engine.desired(host)
    const flows: FlowCount<CountedFor>[] = []
    try {
      for (const table of this.counting.tables)
        await device.readCounts(table, (key, packets, bytes) => {
          const flow = desired?.get(key)
          const of = flow && this.#of(flow)
          if (of) flows.push({ key, packets, bytes, of })
        })
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, 'counters of rules could not be read')
      return
    }
    this.#counts.add(host, flows)
  }

  #of(flow: Flow): CountedFor | undefined {
    const known = this.#known.get(flow)
    if (known) return known.of
    const unit = this.engine.unit(cookieOf(flow.content))
    const of = unit && this.counting.of(unit, decodeFlow(flow.key, flow.content))
    this.#known.set(flow, { of })
    return of
  }
}
