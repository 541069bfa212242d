import { transitAddress } from '../../flows/addresses.js'
import type { Model } from '../model/model.js'
import { commonEgresses } from '../model/outside.js'
import type { Change, ExitRow, TranslationRow } from '../model/rows.js'
import type { Lost } from './lost.js'

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
    if (!before || (row && this.#goesOn(before, row))) return
    const transit = transitAddress(before, before.version)
    const [tenant, gateway] = before.zones
    for (const host of before.hosts) {
      yield { host, zone: tenant, reply: { destination: transit } }
      yield { host, zone: tenant, original: { destination: transit } }
      yield { host, zone: gateway, original: { source: transit } }
      yield { host, zone: gateway, reply: { source: transit } }
    }
  }

  /** Whether connections by a translation go on after a change: an egress may get another address, while the gateway keeps the first. */
  #goesOn(before: TranslationRow, { gateway, outside, inside }: TranslationRow): boolean {
    if (gateway !== before.gateway || inside !== before.inside) return false
    const isKept = this.model.get('outsideAddress', `${gateway}/${before.outside}`) !== undefined
    return outside === before.outside || (inside === undefined && isKept)
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
    const common = commonEgresses(workload.tenant, version, this.model).map((row) => ({
      ...row,
      id: `egress/${row.id}#`,
    }))
    const own = this.model.by('exitsByWorkload', key)
    const gateways = new Set((own.length > 0 ? own : common).map(({ gateway }) => gateway))
    // Where the object itself has gone all that it translated is lost.
    const isInForce = ({ id: by }: { readonly id: string }) =>
      this.#known.has(`${by.slice(0, by.indexOf('#'))}#${version}`)
    const left = (before.length > 0 ? before : common).filter(
      (way) => !gateways.has(way.gateway) && isInForce(way),
    )
    for (const { gateway, translation } of left) {
      if (translation === undefined) continue
      const reply = { destination: transitAddress({ translation }, version) }
      for (const host of this.model.get('gateway', gateway)?.hosts ?? [])
        for (const source of workload.addresses)
          if (source.includes(':') === (version === 6)) yield { host, zone, original: { source }, reply }
    }
  }
}
