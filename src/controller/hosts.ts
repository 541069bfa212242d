import type { Logger } from 'pino'
import { factsOf } from '../host/answers.js'
import { HostLink } from '../host/host-link.js'
import { type HostPlan, planHost, wiresOf } from '../host/plan.js'
import { questionsOf, watchesOf } from '../host/watches.js'
import { everything } from '../model/index-definitions.js'
import type { Model } from '../model/model.js'
import type { Change, Claim, OuterBridgeRow } from '../model/rows.js'
import type { TlsOptions } from '../ovsdb/index.js'

export interface HostsOptions {
  readonly model: Model
  /** Where switches are told to dial, from the controller's own end of the host's database connection. */
  readonly dialBack: (ownAddress: string | undefined) => string
  /** Whether a bridge of the operator is known to have no flow of ours any more. */
  readonly isLeft: (bridge: OuterBridgeRow) => boolean
  readonly commit: (changes: readonly Change[]) => void
  readonly onState: () => void
  /** For hosts whose database is at `ssl:`. */
  readonly tls?: TlsOptions
  readonly log: Logger
}

/** A link to every host's database, as the model's hosts come and go. */
export class Hosts {
  readonly #links = new Map<string, HostLink>()
  /** The VLANs of physical bridges as hosts were last told. */
  #wires = '[]'
  /** The gateways over which connections are spread, as hosts were last told. */
  #rivals = ''
  /** The interfaces of workloads whose name is not the workload's id, as hosts were last told. */
  readonly #interfaces = new Map<string, string>()

  constructor(readonly options: HostsOptions) {}

  get links(): ReadonlyMap<string, HostLink> {
    return this.#links
  }

  /** Follows a transaction: hosts that came, went or changed, and whatever else a host's database has to say. */
  follow(changes: readonly Change[]): void {
    const watched = this.options.model.by('rivals', everything)
    const rewired = changes.some(({ table }) => table === 'network') && this.#rewired()
    let all = rewired || this.#rivals !== watched.join()
    this.#rivals = watched.join()
    const touched = new Set<string>()
    const workloads = new Set<string>()
    for (const { table, id } of changes) {
      if (table === 'host') {
        touched.add(id)
        // Others may watch it.
        all ||=
          watched.length > 0 || [...this.options.model.rows('gateway')].some(({ hosts }) => hosts.length > 1)
      } else if (table === 'cluster' || table === 'gateway') all = true
      else if (table === 'workload') workloads.add(id)
      else if (table === 'network')
        for (const workload of this.options.model.by('workloadsByNetwork', id)) workloads.add(workload.id)
    }
    for (const id of touched) this.#followHost(id)
    const asked = this.#interfacesOf(workloads)
    for (const link of this.#links.values())
      if (all) link.refresh()
      else link.answer(asked)
  }

  /** Whether VLANs of physical bridges have come or gone since this was last asked. */
  #rewired(): boolean {
    const wires = JSON.stringify(wiresOf(this.options.model.by('vlanNetworks', everything)))
    const before = this.#wires
    this.#wires = wires
    return before !== wires
  }

  /** Whether every host has said what it carries. */
  get areConnected(): boolean {
    return [...this.#links.values()].every(({ state }) => state.status === 'connected')
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }

  /** The interfaces that may have asked about a workload. */
  #interfacesOf(workloads: ReadonlySet<string>): ReadonlySet<string> {
    const interfaces = new Set<string>()
    for (const id of workloads) {
      const after = this.options.model.get('workload', id)?.interface ?? id
      interfaces.add(this.#interfaces.get(id) ?? id).add(after)
      if (after === id) this.#interfaces.delete(id)
      else this.#interfaces.set(id, after)
    }
    return interfaces
  }

  #followHost(id: string): void {
    const row = this.options.model.get('host', id)
    const link = this.#links.get(id)
    if (row && link?.host.ovsdb === row.ovsdb) {
      link.refresh()
      return
    }
    this.#links.delete(id)
    void link?.close()
    if (row) this.#links.set(id, this.#open(id, row.ovsdb))
    else this.#forget(id)
  }

  #open(id: string, ovsdb: string): HostLink {
    const { model, commit, onState, log, tls } = this.options
    return new HostLink(
      { id, ovsdb },
      [
        ...model.by('portsByHost', id).map((port): Change => ({ table: 'port', id: port.id })),
        ...model.by('outerBridgesByHost', id).map((row): Change => ({ table: 'outerBridge', id: row.id })),
      ],
      {
        answer: (iface, claim) => this.#answer(iface, claim),
        plan: (ownAddress) => this.#plan(id, ownAddress),
        onChanges: commit,
        onState,
        log,
        ...(tls && { tls }),
      },
    )
  }

  /** What a host's database should say; undefined for a host that is none any more. */
  #plan(id: string, ownAddress: string | undefined): HostPlan | undefined {
    const { model, dialBack } = this.options
    const row = model.get('host', id)
    if (!row) return undefined
    const cluster = model.get('cluster', 'cluster')
    return planHost(
      row,
      {
        id: 'cluster',
        name: cluster?.name ?? 'cluster',
        encapsulation: cluster?.encapsulation ?? 'geneve',
      },
      model.by('gatewaysByHost', id),
      row.openflow === undefined ? dialBack(ownAddress) : undefined,
      watchesOf(id, model),
      model.by('vlanNetworks', everything),
      questionsOf(id, model),
      model
        .by('outerBridgesByHost', id)
        .filter((row) => !this.options.isLeft(row))
        .map(({ bridge }) => bridge),
    )
  }

  #answer(iface: string, claim: Claim | undefined): string | undefined {
    const { model } = this.options
    const [workload] = model.by('workloadsByInterface', iface)
    // It is about to be discovered.
    if (!workload && claim && model.get('network', `${claim.tenant}/${claim.network}`)?.discover)
      return undefined
    return factsOf(workload, workload && model.get('network', workload.network))
  }

  /** Nothing runs on a host that is none any more, as far as the cluster is concerned. */
  #forget(id: string): void {
    const { model, commit } = this.options
    const ports = model.by('portsByHost', id)
    const sessions = model.by('sessionsByHost', id).filter(({ host }) => host === id)
    const holdings = model.by('holdingsByHost', id)
    const carriers = model.by('carriersByHost', id)
    const outerBridges = model.by('outerBridgesByHost', id)
    commit([
      { table: 'bridge', id },
      ...ports.map((port): Change => ({ table: 'port', id: port.id })),
      ...sessions.map((session): Change => ({ table: 'session', id: session.id })),
      ...holdings.map((holding): Change => ({ table: 'holding', id: holding.id })),
      ...carriers.map((carrier): Change => ({ table: 'carrier', id: carrier.id })),
      ...outerBridges.map((row): Change => ({ table: 'outerBridge', id: row.id })),
    ])
  }
}
