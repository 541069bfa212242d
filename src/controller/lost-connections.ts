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
 * forwards: few at a time, and then so many times as long for everything else.
 */
const atATime = 4
const pause = 4

export interface LostConnectionsOptions {
  readonly model: Model
  /** The switches that are connected, by host. */
  readonly bridges: () => {
    get(host: string): { readonly connection: Pick<OpenFlowConnection, 'apply'> } | undefined
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
  readonly #leaving = new Map<string, Lost[]>()
  #again: readonly { readonly host: string; readonly lost: readonly Lost[]; readonly due: number }[] = []

  constructor(readonly options: LostConnectionsOptions) {
    const { model } = options
    this.#sources = [new LostBackends(model), new LostTranslations(model)]
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    for (const source of this.#sources)
      for (const lost of source.follow(changes)) {
        const waiting = this.#waiting.get(lost.host) ?? new Map<string, Lost>()
        this.#waiting.set(lost.host, waiting.set(JSON.stringify(lost.match), lost))
      }
  }

  /** A host's switch has acknowledged what it should be. */
  settled(host: string): void {
    const waiting = this.#waiting.get(host)
    if (!waiting) return
    this.#waiting.delete(host)
    const lost = [...waiting.values()]
    this.#again = [...this.#again, { host, lost, due: this.options.now() + againMs }]
    this.#forget(host, lost)
  }

  /** Does what it is time for; to be called often. */
  tick(): void {
    const now = this.options.now()
    for (const { host, lost, due } of this.#again) if (due <= now) this.#forget(host, lost)
    this.#again = this.#again.filter(({ due }) => due > now)
  }

  #forget(host: string, lost: readonly Lost[]): void {
    const leaving = this.#leaving.get(host)
    if (leaving) leaving.push(...lost)
    else void this.#tell(host, [...lost])
  }

  async #tell(host: string, leaving: Lost[]): Promise<void> {
    const { bridges, now, wait, log } = this.options
    this.#leaving.set(host, leaving)
    try {
      while (leaving.length > 0) {
        const some = leaving.splice(0, atATime).filter(({ isBack }) => !isBack())
        if (some.length === 0) continue
        const start = now()
        await bridges()
          .get(host)
          ?.connection.apply(some.flatMap(({ match }) => flushesOf(match)))
        if (leaving.length > 0) await wait(pause * (now() - start))
      }
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        log.warn({ host, err: error }, 'connections that are translated no more were not forgotten')
    }
    this.#leaving.delete(host)
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
