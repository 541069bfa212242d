import { type FlowEvent, type FlowQuery, type FlowView, RequestError } from '../../api/contract.js'
import type { Model } from '../../model/model.js'
import { tenantOf } from '../../model/objects.js'
import { Reader } from '../../openflow/bytes.js'
import {
  decodeInstructions,
  decodeMatch,
  type Flow,
  type FlowCounters,
  formatActions,
  formatFlow,
  formatMatch,
} from '../../openflow/flow.js'
import { cookieOf, instructionsOf, keyParts } from '../../pipeline/flow.js'
import { nativeVersion } from '../../pipeline/native-version.js'
import type { Table } from '../../pipeline/table.js'
import { isNamed, resolveWorkload, tenantNamed } from '../names.js'
import type { Sources } from '../sources.js'

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

  /** Whether there is a table of this name or number. */
  knows(table: string): boolean {
    return this.tables.some(({ name, number }) => name === table || String(number) === table)
  }

  /** Which flows a query asks for, its host and bridge apart. Throws RequestError for a name that does not exist. */
  accepts(query: FlowQuery): (table: number, cookie: bigint) => boolean {
    const table = query.table === undefined ? undefined : this.#table(query.table)
    const workload =
      query.workload === undefined ? undefined : `workload/${resolveWorkload(this.model, query.workload)}`
    const { tenant, policy } = query
    if (tenant !== undefined) tenantNamed(this.model, tenant)
    const bySource = tenant !== undefined || workload !== undefined || policy !== undefined
    return (number, cookie) => {
      if (table !== undefined && number !== table) return false
      if (!bySource) return true
      const unit = this.sources.unit(cookie)
      if (!unit) return false
      const { object } = this.sources.source(unit)
      if (tenant !== undefined && tenantOf(object) !== tenant) return false
      if (workload !== undefined && object !== workload) return false
      return policy === undefined || isNamed(object, 'policy', policy)
    }
  }

  /** @param bridge that of an operator, where it is not the cluster's own */
  view(host: string, flow: Flow & FlowCounters, bridge?: string): FlowView {
    return {
      ...this.#describe(host, flow, bridge),
      packets: String(flow.packets),
      bytes: String(flow.bytes),
      durationSeconds: flow.seconds + flow.nanoseconds / 1e9,
      text: formatFlow(flow, { stats: true }),
    }
  }

  event(host: string, event: FlowEvent['event'], key: string, content: string, bridge?: string): FlowEvent {
    return { event, flow: this.#describe(host, decodeFlow(key, content), bridge) }
  }

  #describe(host: string, flow: Flow, bridge: string | undefined): FlowEvent['flow'] {
    const unit = this.sources.unit(flow.cookie)
    const tableName = this.#names.get(flow.table)
    return {
      host,
      ...(bridge === undefined ? {} : { bridge }),
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
