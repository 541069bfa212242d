import { filter, merge, mergeMap, type Observable } from 'rxjs'
import { type FlowEvent, type FlowQuery, type FlowView, RequestError } from '../../api/contract.js'
import type { Model } from '../../model/model.js'
import { isOurs } from '../../pipeline/cookie.js'
import type { Engine } from '../../pipeline/engine.js'
import { cookieOf } from '../../pipeline/flow.js'
import type { Bridge, Bridges, FlowChange } from '../bridges.js'
import type { OuterBridges } from '../outer-bridges.js'
import type { Sources } from '../sources.js'
import { FlowViews } from './flow-views.js'

export interface FlowListingOptions {
  readonly sources: Sources
  readonly engine: Engine
  readonly bridges: Bridges
  /** Likewise for bridges of operators. */
  readonly outerEngine: Engine
  readonly outerBridges: OuterBridges
}

/** A bridge of a host whose flows are to be shown. */
interface Place {
  readonly host: string
  /** Of an operator's bridge. */
  readonly name?: string
  readonly bridge: Bridge | undefined
  readonly views: FlowViews
}

type Accepts = (table: number, cookie: bigint) => boolean

/**
 * Flows that switches have: those of the cluster's bridges, and of bridges that operators have those that are ours, or
 * all where such a bridge is asked for by name.
 */
export class FlowListing {
  readonly #model: Model
  readonly #views: FlowViews
  readonly #outerViews: FlowViews

  constructor(readonly options: FlowListingOptions) {
    const { engine, outerEngine, sources } = options
    this.#model = engine.model
    this.#views = new FlowViews(engine.tables, this.#model, sources)
    this.#outerViews = new FlowViews(outerEngine.tables, this.#model, sources)
  }

  /** Throws RequestError for what does not exist, and for a host whose switch is not connected. */
  async *read(query: FlowQuery): AsyncGenerator<FlowView> {
    const accepts = this.#conditions(query)
    for (const { host, name, bridge, views } of this.#places(query)) {
      const accepted = accepts.get(views)
      if (!accepted) continue
      if (!bridge) {
        const isWanted = query.host !== undefined && (name === undefined || query.bridge !== undefined)
        if (!isWanted) continue
        throw new RequestError('not-connected', `the switch of ${host} is not connected`)
      }
      for await (const flow of bridge.device.readCounters())
        if (accepted(flow.table, flow.cookie)) yield views.view(host, flow, name)
    }
  }

  /** Every change as the switches report it. */
  follow(query: FlowQuery): Observable<FlowEvent> {
    const { bridges, outerBridges } = this.options
    const accepts = this.#conditions(query)
    const ids = new Set(this.#places(query).map(({ host, name }) => idOf(host, name)))
    const of = (changes: Observable<FlowChange>, from: FlowViews) =>
      changes.pipe(
        filter(({ host: id, key, before, after }) => {
          const cookie = cookieOf(after ?? before ?? '')
          return ids.has(id) && accepts.get(from)?.(key.charCodeAt(0), cookie) === true
        }),
        mergeMap((change) => this.#event(from, change)),
      )
    return merge(of(bridges.changes, this.#views), of(outerBridges.changes, this.#outerViews))
  }

  #event(views: FlowViews, { host: id, key, before, after }: FlowChange): readonly FlowEvent[] {
    const content = after ?? before
    if (content === undefined) return []
    const event = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
    const outer = this.#model.get('outerBridge', id)
    return [views.event(outer?.host ?? id, event, key, content, outer?.bridge)]
  }

  /** Which flows to show, for each of the two pipelines; none of one that has no such table. */
  #conditions(query: FlowQuery): ReadonlyMap<FlowViews, Accepts> {
    const [views, outerViews] = [this.#views, this.#outerViews]
    const isOuterOnly =
      query.table !== undefined && outerViews.knows(query.table) && !views.knows(query.table)
    const conditions = new Map<FlowViews, Accepts>()
    if (!isOuterOnly) conditions.set(views, views.accepts(query))
    if (query.table === undefined || outerViews.knows(query.table)) {
      const accepts = outerViews.accepts(query)
      const isAll = query.bridge !== undefined
      conditions.set(outerViews, (table, cookie) => (isAll || isOurs(cookie)) && accepts(table, cookie))
    }
    return conditions
  }

  #places({ host, bridge: wanted }: FlowQuery): readonly Place[] {
    const { bridges, outerBridges } = this.options
    const model = this.#model
    if (host !== undefined && !model.get('host', host))
      throw new RequestError('unknown-host', `no host is named ${host}`)
    const hosts = [...model.rows('host')].filter(({ id }) => host === undefined || id === host).sort(byId)
    const outer = [...model.rows('outerBridge')].sort(byId)
    const places = hosts.flatMap(({ id, bridge }) => [
      { host: id, bridge, place: { host: id, bridge: bridges.get(id), views: this.#views } },
      ...outer
        .filter((row) => row.host === id)
        .map((row) => ({
          host: id,
          bridge: row.bridge,
          place: { host: id, name: row.bridge, bridge: outerBridges.get(row.id), views: this.#outerViews },
        })),
    ])
    const chosen = places.filter(({ bridge }) => wanted === undefined || bridge === wanted)
    if (wanted !== undefined && chosen.length === 0)
      throw new RequestError('unknown-bridge', `no bridge with flows of the controller is named ${wanted}`)
    return chosen.map(({ place }) => place)
  }
}

/** By what the changes of a bridge are told apart. */
function idOf(host: string, name: string | undefined): string {
  return name === undefined ? host : `${host}/${name}`
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
