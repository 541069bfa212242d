import type { Logger } from 'pino'
import type { Model } from '../model/model.js'
import { peersOf } from '../model/peers.js'
import type { BackendRow, Change } from '../model/rows.js'
import { ConnectionClosed, type OpenFlowConnection } from '../openflow/index.js'

/** Megaflows follow changed flows a moment later: what they have let open until then is looked for once more. */
const againMs = 2000

/** The switches that are connected, by host. */
interface Switches {
  get(host: string): { readonly connection: Pick<OpenFlowConnection, 'apply'> } | undefined
}

/** Connections to a service that had this backend. */
interface Lost {
  readonly zone: number
  readonly virtual: string
  readonly address: string
}

/**
 * Makes switches forget connections to backends that are gone, so that clients who go on from the same port get another
 * one. Flows let none of their packets pass, whether or not this happens.
 */
export class LostBackends {
  readonly #known = new Map<string, BackendRow>()
  /** By host: what is to be forgotten once its switch has acknowledged what it should be. */
  readonly #waiting = new Map<string, readonly Lost[]>()
  #again: readonly { readonly host: string; readonly lost: readonly Lost[]; readonly due: number }[] = []

  constructor(
    readonly model: Model,
    readonly switches: Switches,
    readonly log: Logger,
  ) {}

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.table !== 'backend') continue
      const before = this.#known.get(change.id)
      if (change.row) this.#known.set(change.id, change.row)
      else this.#known.delete(change.id)
      const isSame = change.row?.address === before?.address && change.row?.virtual === before?.virtual
      if (before && !isSame) this.#lose(before)
    }
  }

  #lose({ tenant, virtual, address }: BackendRow): void {
    for (const client of [tenant, ...Array.from(peersOf(tenant, this.model), (peer) => peer.tenant)]) {
      const zone = this.model.get('tenant', client)?.number
      if (zone === undefined) continue
      for (const host of this.model.by('hostsOfTenant', client))
        this.#waiting.set(host, [...(this.#waiting.get(host) ?? []), { zone, virtual, address }])
    }
  }

  /** A host's switch has acknowledged what it should be, at a time in milliseconds. */
  settled(host: string, now: number): void {
    const lost = this.#waiting.get(host)
    if (!lost) return
    this.#waiting.delete(host)
    this.#again = [...this.#again, { host, lost, due: now + againMs }]
    void this.#forget(host, lost)
  }

  /** Does what it is time for; to be called often. */
  tick(now: number): void {
    for (const { host, lost, due } of this.#again) if (due <= now) void this.#forget(host, lost)
    this.#again = this.#again.filter(({ due }) => due > now)
  }

  async #forget(host: string, lost: readonly Lost[]): Promise<void> {
    const messages = lost.map(({ zone, virtual, address }) => ({
      type: 'ctFlush' as const,
      zone,
      original: { destination: virtual },
      reply: { source: address },
    }))
    try {
      await this.switches.get(host)?.connection.apply(messages)
    } catch (error) {
      if (!(error instanceof ConnectionClosed))
        this.log.warn({ host, err: error }, 'connections to backends that are gone were not forgotten')
    }
  }
}
