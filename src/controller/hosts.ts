import type { Logger } from 'pino'
import { HostLink } from '../host/host-link.js'
import { planHost } from '../host/plan.js'
import type { Model } from '../model/model.js'
import type { Change, HostRow } from '../model/rows.js'
import type { TlsOptions } from '../ovsdb/index.js'

export interface HostsOptions {
  readonly model: Model
  /** Where switches are told to dial, from the controller's own end of the host's database connection. */
  readonly dialBack: (ownAddress: string | undefined) => string
  readonly commit: (changes: readonly Change[]) => void
  readonly onState: () => void
  /** For hosts whose database is at `ssl:`. */
  readonly tls?: TlsOptions
  readonly log: Logger
}

/** A link to every host's database, as the model's hosts come and go. */
export class Hosts {
  readonly #links = new Map<string, HostLink>()

  constructor(readonly options: HostsOptions) {}

  get links(): ReadonlyMap<string, HostLink> {
    return this.#links
  }

  /** Follows a transaction: hosts that came, went or changed, and whatever else a host's database has to say. */
  follow(changes: readonly Change[]): void {
    let all = false
    const touched = new Set<string>()
    for (const { table, id } of changes) {
      if (table === 'host') touched.add(id)
      else if (table === 'cluster' || table === 'gateway') all = true
    }
    for (const id of touched) this.#replace(id)
    if (all) for (const link of this.#links.values()) link.refresh()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }

  #replace(id: string): void {
    const row = this.options.model.get('host', id)
    const link = this.#links.get(id)
    this.#links.delete(id)
    void link?.close()
    if (row) this.#links.set(id, this.#open(row))
    else this.#forget(id)
  }

  #open(row: HostRow): HostLink {
    const { model, commit, onState, log } = this.options
    return new HostLink(
      row,
      model.by('portsByHost', row.id).map(({ id }) => id),
      {
        plan: (ownAddress) => {
          const cluster = model.get('cluster', 'cluster')
          const encapsulation = cluster?.encapsulation ?? 'geneve'
          return planHost(
            row,
            { id: 'cluster', name: cluster?.name ?? 'cluster', encapsulation },
            model.by('gatewaysByHost', row.id),
            row.openflow === undefined ? this.options.dialBack(ownAddress) : undefined,
          )
        },
        onChanges: commit,
        onState,
        log,
        ...(this.options.tls && { tls: this.options.tls }),
      },
    )
  }

  /** Nothing runs on a host that is none any more, as far as the cluster is concerned. */
  #forget(id: string): void {
    const ports = this.options.model.by('portsByHost', id)
    this.options.commit([
      { table: 'bridge', id },
      ...ports.map((port): Change => ({ table: 'port', id: port.id })),
    ])
  }
}
