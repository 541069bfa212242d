import type { Logger } from 'pino'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'
import { ConnectionClosed, type OpenFlowConnection } from '../openflow/index.js'
import type { Lost, LostMatch } from './lost.js'
import { LostBackends } from './lost-backends.js'
import { LostTranslations } from './lost-translations.js'

/** Megaflows follow changed flows a moment later: what they have let open until then is looked for once more. */
const againMs = 2000

/**
 * A switch looks through a zone for each message, and in the user-space datapath the thread that does so may be the one that
 * forwards: after each it has so many times as long for everything else.
 */
const pause = 9

interface Task {
  readonly lost: Lost
  /** When to tell once more, in milliseconds; not where that has come before it is told at all. */
  readonly again?: number
}

type Connection = Pick<OpenFlowConnection, 'apply'>

export interface LostConnectionsOptions {
  readonly model: Model
  /** The switches that are connected, by host. */
  readonly bridges: () => {
    get(host: string): { readonly connection: Connection } | undefined
  }
  /** Milliseconds. */
  readonly now: () => number
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>
  readonly log: Logger
}

/**
 * Makes switches forget connections that are translated as no file says any more: those of backends that are gone, of
 * addresses and ports outside that somebody else has by now. Who goes on from the same port begins anew.
 */
export class LostConnections {
  readonly #sources: readonly { follow(changes: readonly Change[]): Iterable<Lost> }[]
  /** By host: what is to be forgotten once its switch has acknowledged what it should be, each thing once. */
  readonly #waiting = new Map<string, Map<string, Lost>>()
  /** By host: what its switch is being told to forget. */
  readonly #queues = new Map<string, Task[]>()
  #again: { readonly host: string; readonly lost: Lost; readonly due: number }[] = []

  constructor(readonly options: LostConnectionsOptions) {
    const { model } = options
    this.#sources = [new LostBackends(model), new LostTranslations(model)]
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    for (const source of this.#sources) for (const lost of source.follow(changes)) this.#note(lost)
  }

  /** A host's switch has acknowledged what it should be. */
  settled(host: string): void {
    const waiting = this.#waiting.get(host)
    if (!waiting) return
    this.#waiting.delete(host)
    const again = this.options.now() + againMs
    this.#add(
      host,
      Array.from(waiting.values(), (lost) => ({ lost, again })),
    )
  }

  /** Does what it is time for; to be called often. */
  tick(): void {
    const now = this.options.now()
    for (const { host, lost, due } of this.#again) if (due <= now) this.#add(host, [{ lost }])
    this.#again = this.#again.filter(({ due }) => due > now)
  }

  #note(lost: Lost): void {
    const waiting = this.#waiting.get(lost.host) ?? new Map<string, Lost>()
    this.#waiting.set(lost.host, waiting.set(JSON.stringify(lost.match), lost))
  }

  #add(host: string, tasks: readonly Task[]): void {
    const queue = this.#queues.get(host)
    if (queue) queue.push(...tasks)
    else void this.#tell(host, [...tasks])
  }

  /** What a switch that goes away was not told yet waits until it is back. */
  async #tell(host: string, queue: Task[]): Promise<void> {
    const { bridges, log } = this.options
    this.#queues.set(host, queue)
    try {
      for (let bridge = bridges().get(host); bridge && queue.length > 0; bridge = bridges().get(host))
        await this.#tellNext(host, queue, bridge.connection)
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) {
        log.warn({ host, err: error }, 'connections that are translated no more were not forgotten')
        queue.length = 0
      }
    }
    this.#queues.delete(host)
    for (const { lost } of queue) this.#note(lost)
  }

  async #tellNext(host: string, queue: Task[], connection: Connection): Promise<void> {
    const { now, wait } = this.options
    const [task] = queue
    if (task && !task.lost.isBack()) {
      const { lost, again } = task
      const start = now()
      await connection.apply(flushesOf(lost.match))
      if (again !== undefined && start < again) this.#again.push({ host, lost, due: again })
      if (queue.length > 1) await wait(pause * (now() - start))
    }
    queue.shift()
  }
}

/** Of IPv6 all but ICMP: Open vSwitch before 3.1.5 aborts when it is to forget an ICMPv6 connection of its user-space datapath. */
const protocolsOf6 = [6, 17, 132]

function flushesOf(match: LostMatch) {
  const { original = {}, reply = {} } = match
  const isIpv6 = [...Object.values(original), ...Object.values(reply)].some((end) => end.includes(':'))
  const message = { type: 'ctFlush' as const, ...match }
  return isIpv6 ? protocolsOf6.map((protocol) => ({ ...message, protocol })) : [message]
}
