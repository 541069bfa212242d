import type { Logger } from 'pino'
import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'
import { ConnectionClosed, type OpenFlowConnection } from '../openflow/index.js'
import type { Lost, LostMatch } from './lost.js'
import { LostBackends } from './lost-backends.js'
import { LostTranslations } from './lost-translations.js'

/** Megaflows follow changed flows a moment later: what they have let open until then is looked for once more. */
const againMs = 2000

/** The switches that are connected, by host. */
interface Switches {
  get(host: string): { readonly connection: Pick<OpenFlowConnection, 'apply'> } | undefined
}

/**
 * Makes switches forget connections that are translated as no file says any more: those of backends that are gone, of
 * addresses and ports outside that somebody else has by now. Who goes on from the same port begins anew.
 */
export class LostConnections {
  readonly #sources: readonly { follow(changes: readonly Change[]): Iterable<Lost> }[]
  /** By host: what is to be forgotten once its switch has acknowledged what it should be, each thing once. */
  readonly #waiting = new Map<string, Map<string, Lost>>()
  #again: readonly { readonly host: string; readonly lost: readonly Lost[]; readonly due: number }[] = []

  constructor(
    model: Model,
    readonly switches: Switches,
    readonly log: Logger,
  ) {
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

  /** A host's switch has acknowledged what it should be, at a time in milliseconds. */
  settled(host: string, now: number): void {
    const waiting = this.#waiting.get(host)
    if (!waiting) return
    this.#waiting.delete(host)
    const lost = [...waiting.values()]
    this.#again = [...this.#again, { host, lost, due: now + againMs }]
    void this.#forget(host, lost)
  }

  /** Does what it is time for; to be called often. */
  tick(now: number): void {
    for (const { host, lost, due } of this.#again) if (due <= now) void this.#forget(host, lost)
    this.#again = this.#again.filter(({ due }) => due > now)
  }

  async #forget(host: string, lost: readonly Lost[]): Promise<void> {
    const messages = lost.filter(({ isBack }) => !isBack()).flatMap(({ match }) => flushesOf(match))
    if (messages.length === 0) return
    try {
      await this.switches.get(host)?.connection.apply(messages)
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, 'connections that are translated no more were not forgotten')
    }
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
