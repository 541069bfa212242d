import { type FlowEvent, type FlowQuery, type FlowView, RequestError } from '../api/contract.js'
import type { Model } from '../model/model.js'
import { tenantOf } from '../model/objects.js'
import { Reader } from '../openflow/bytes.js'
import {
  decodeInstructions,
  decodeMatch,
  type Flow,
  type FlowCounters,
  formatActions,
  formatFlow,
  formatMatch,
} from '../openflow/flow.js'
import { cookieOf, instructionsOf, keyParts } from '../pipeline/flow.js'
import { nativeVersion } from '../pipeline/native-version.js'
import type { Table } from '../pipeline/table.js'
import { isNamed, resolveWorkload, tenantNamed } from './names.js'
import type { Sources } from './sources.js'

/** A query with its names resolved: which hosts to ask, and which of their flows to show. */
export interface Selection {
  readonly hosts: readonly string[]
  readonly accepts: (table: number, cookie: bigint) => boolean
}

/** Flows as clients see them. */
export class FlowViews {
  readonly #names: ReadonlyMap<number, string>

  constructor(
    readonly tables: readonly Table[],
    readonly model: Model,
    readonly sources: Sources,
  ) {
    this.#names = new Map(tables.map(({ number, name }) => [number, name]))
  }

  /** Throws RequestError for a name that does not exist. */
  select(query: FlowQuery): Selection {
    const table = query.table === undefined ? undefined : this.#table(query.table)
    const workload =
      query.workload === undefined ? undefined : `workload/${resolveWorkload(this.model, query.workload)}`
    const { tenant, policy } = query
    if (tenant !== undefined) tenantNamed(this.model, tenant)
    const bySource = tenant !== undefined || workload !== undefined || policy !== undefined
    return {
      hosts: this.#hosts(query.host),
      accepts: (number, cookie) => {
        if (table !== undefined && number !== table) return false
        if (!bySource) return true
        const unit = this.sources.unit(cookie)
        if (!unit) return false
        const { object } = this.sources.source(unit)
        if (tenant !== undefined && tenantOf(object) !== tenant) return false
        if (workload !== undefined && object !== workload) return false
        return policy === undefined || isNamed(object, 'policy', policy)
      },
    }
  }

  view(host: string, flow: Flow & FlowCounters): FlowView {
    return {
      ...this.#describe(host, flow),
      packets: String(flow.packets),
      bytes: String(flow.bytes),
      durationSeconds: flow.seconds + flow.nanoseconds / 1e9,
      text: formatFlow(flow, { stats: true }),
    }
  }

  event(host: string, event: FlowEvent['event'], key: string, content: string): FlowEvent {
    return { event, flow: this.#describe(host, decodeFlow(key, content)) }
  }

  #describe(host: string, flow: Flow): FlowEvent['flow'] {
    const unit = this.sources.unit(flow.cookie)
    const tableName = this.#names.get(flow.table)
    return {
      host,
      table: flow.table,
      ...(tableName === undefined ? {} : { tableName }),
      priority: flow.priority,
      cookie: `0x${flow.cookie.toString(16)}`,
      match: formatMatch(flow.match),
      actions: formatActions(flow.actions),
      textWithoutStats: formatFlow(flow, { stats: false }),
      ...(unit ? { rule: unit.rule.name, source: this.sources.source(unit) } : {}),
    }
  }

  #hosts(name: string | undefined): readonly string[] {
    if (name === undefined) return Array.from(this.model.rows('host'), ({ id }) => id).sort()
    if (!this.model.get('host', name)) throw new RequestError('unknown-host', `no host is named ${name}`)
    return [name]
  }

  #table(name: string): number {
    const table = this.tables.find((each) => each.name === name || String(each.number) === name)
    if (table) return table.number
    const known = this.tables.map((each) => each.name).join(', ')
    throw new RequestError('unknown-table', `no table is named ${name}; there are ${known}`)
  }
}

/** A flow's values from its two strings. */
export function decodeFlow(key: string, content: string): Flow {
  const { table, priority, match } = keyParts(key)
  return {
    table,
    priority,
    cookie: cookieOf(content),
    match: decodeMatch(new Reader(match), nativeVersion),
    actions: decodeInstructions(new Reader(instructionsOf(content)), nativeVersion),
  }
}
