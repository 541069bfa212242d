import { transitAddress } from '../../flows/addresses.js'
import type { Model } from '../model/model.js'
import { commonEgresses } from '../model/outside.js'
import type { Change, ExitRow, TranslationRow, WorkloadRow } from '../model/rows.js'
import type { Lost, LostMatch } from './lost.js'

/**
 * Connections through gateways that are translated as no file says any more: of a floating address or forward that is
 * gone or has another workload, of an egress or route that is gone, of workloads that leave by another gateway now. What is left
 * of them would else go on to who was there before, or be dropped for as long as somebody sends.
 */
export class LostTranslations {
  readonly #known = new Map<string, TranslationRow>()
  readonly #exits = new Map<string, ExitRow>()
  readonly #workloads = new Set<string>()

  constructor(readonly model: Model) {}

  /** What is lost by a transaction. */
  *follow(changes: readonly Change[]): Generator<Lost> {
    for (const { table, id, row } of changes) if (table === 'translation') yield* this.#translation(id, row)
    const moved = new Map<string, ExitRow[]>()
    for (const { table, id, row } of changes) if (table === 'exit') this.#exit(id, row, moved)
    for (const [key, before] of moved) yield* this.#elsewhere(key, before)
    for (const { table, id, row } of changes) {
      if (table !== 'workload') continue
      if (row) this.#workloads.add(id)
      else this.#workloads.delete(id)
    }
  }

  *#translation(id: string, row: TranslationRow | undefined): Generator<Lost> {
    const before = this.#known.get(id)
    if (row) this.#known.set(id, row)
    else this.#known.delete(id)
    if (!before || this.#goesOn(before)) return
    const isBack = () => this.#goesOn(before)
    for (const host of before.hosts) for (const match of lostWith(before, row)) yield { host, match, isBack }
  }

  /** Whether connections by a translation go on: an egress may get another address, while the gateway keeps the first. */
  #goesOn({ id, gateway, outside, inside, ports }: TranslationRow): boolean {
    const now = this.#known.get(id)
    if (now?.gateway !== gateway || now.inside !== inside || now.ports !== ports) return false
    const isKept = this.model.get('outsideAddress', `${gateway}/${outside}`) !== undefined
    return now.outside === outside || (inside === undefined && isKept)
  }

  /** Notes an exit, and those that its workload had before. */
  #exit(id: string, row: ExitRow | undefined, moved: Map<string, ExitRow[]>): void {
    const before = this.#exits.get(id)
    const any = row ?? before
    if (row) this.#exits.set(id, row)
    else this.#exits.delete(id)
    if (!any) return
    const key = `${any.workload}#${any.version}`
    moved.set(key, [...(moved.get(key) ?? []), ...(before ? [before] : [])])
  }

  /** Connections of a workload by gateways that it does not leave by any more. */
  *#elsewhere(key: string, before: readonly ExitRow[]): Generator<Lost> {
    const [id = '', digit] = key.split('#')
    const version = digit === '6' ? 6 : 4
    const workload = this.model.get('workload', id)
    const zone = workload && this.model.get('tenant', workload.tenant)?.number
    if (!workload || zone === undefined || !this.#workloads.has(id)) return
    // Where the object itself has gone all that it translated is lost.
    const isInForce = ({ id: by }: { readonly id: string }) =>
      this.#known.has(`${by.slice(0, by.indexOf('#'))}#${version}`)
    const isBack = (by: string) => this.#ways(workload, version).some(({ gateway }) => gateway === by)
    const ways = before.length > 0 ? before : this.#common(workload.tenant, version)
    const left = ways.filter((way) => !isBack(way.gateway) && isInForce(way))
    for (const { gateway, translation } of left) {
      if (translation === undefined) continue
      const reply = { destination: transitAddress({ translation }, version) }
      for (const host of this.model.get('gateway', gateway)?.hosts ?? [])
        for (const source of workload.addresses)
          if (source.includes(':') === (version === 6))
            yield { host, match: { zone, original: { source }, reply }, isBack: () => isBack(gateway) }
    }
  }

  /** What new connections of a workload leave by. */
  #ways(
    { id, tenant }: WorkloadRow,
    version: 4 | 6,
  ): readonly Pick<ExitRow, 'id' | 'gateway' | 'translation'>[] {
    const own = this.model.by('exitsByWorkload', `${id}#${version}`)
    return own.length > 0 ? own : this.#common(tenant, version)
  }

  #common(tenant: string, version: 4 | 6) {
    return commonEgresses(tenant, version, this.model).map((row) => ({ ...row, id: `egress/${row.id}#` }))
  }
}

/** What is lost by a change of a translation, or, without `now`, with it: no connections that are as they should be. */
function* lostWith(before: TranslationRow, now: TranslationRow | undefined): Generator<LostMatch> {
  const transit = transitAddress(before, before.version)
  const [tenant, gateway] = before.zones
  const { inside, outside } = before
  if (!now || inside !== now.inside || before.ports !== now.ports) {
    yield { zone: tenant, ...(inside && { original: { source: inside } }), reply: { destination: transit } }
    if (inside) yield { zone: tenant, original: { destination: transit }, reply: { source: inside } }
  }
  if (!now || outside !== now.outside || before.gateway !== now.gateway || before.ports !== now.ports) {
    // The address of whichever host carries the gateway is not known here; the transit address says enough.
    const end = outside === 'host' ? undefined : { destination: outside }
    yield { zone: gateway, original: { source: transit }, ...(end && { reply: end }) }
    yield { zone: gateway, ...(end && { original: end }), reply: { source: transit } }
  }
}
