import type { Flow } from '../openflow/flow.js'
import type { Header } from './header.js'
import { matchBits } from './match-bits.js'
import { Subtable } from './subtable.js'

/** What a packet meets in a table. */
export interface Lookup<F extends Flow = Flow> {
  readonly flow: F
  /** Where the flow follows from a conjunction: its id, and the flows that its dimensions were met by. */
  readonly conjunction?: { readonly id: number; readonly flows: readonly F[] }
  /** Other flows of the same priority that match as well: which one is used is chance (OpenFlow 1.5.1, §7.3.4.1). */
  readonly rivals: readonly F[]
}

interface Found<F extends Flow> {
  hard: F | undefined
  rivals: F[]
  /** Parts of conjunctions that match, of whatever priority. */
  readonly soft: F[]
}

/** The flows of a bridge, ready for looking up: a hash table for each mask of each table. */
export class FlowTables<F extends Flow = Flow> {
  readonly #tables = new Map<number, Subtable<F>[]>()
  readonly size: number

  /** @throws ExecutionError for a match on a field that cannot be executed */
  constructor(flows: Iterable<F>) {
    const bySignature = new Map<string, Subtable<F>>()
    let size = 0
    for (const flow of flows) {
      size++
      const bits = matchBits(flow.match)
      const signature = `${flow.table}:${bits.at.join()}:${bits.masks.join()}`
      let subtable = bySignature.get(signature)
      if (!subtable) {
        subtable = new Subtable(bits.at, bits.masks)
        bySignature.set(signature, subtable)
        const table = this.#tables.get(flow.table)
        if (table) table.push(subtable)
        else this.#tables.set(flow.table, [subtable])
      }
      subtable.add(flow, bits.values)
    }
    this.size = size
    for (const table of this.#tables.values()) table.sort((a, b) => b.highest - a.highest)
  }

  /** Whether the table has flows. */
  has(table: number): boolean {
    return this.#tables.has(table)
  }

  /**
   * The flow that a packet meets, conjunctions resolved as Open vSwitch does it (ovs-fields(7), Conjunctive Match
   * Fields): those above the best plain flow are tried by falling priority; one that is met is looked up again by its
   * id, by plain flows only.
   */
  lookup(table: number, header: Header): Lookup<F> | undefined {
    const { hard, rivals, soft } = this.#find(table, header)
    const above = soft.filter(({ priority }) => hard === undefined || priority > hard.priority)
    const priorities = [...new Set(above.map(({ priority }) => priority))].sort((a, b) => b - a)
    for (const priority of priorities) {
      const met = this.#conjunction(
        table,
        header,
        above.filter((flow) => flow.priority === priority),
      )
      if (met) return met
    }
    return hard && { flow: hard, rivals }
  }

  #find(table: number, header: Header): Found<F> {
    const found: Found<F> = { hard: undefined, rivals: [], soft: [] }
    for (const subtable of this.#tables.get(table) ?? []) {
      if (found.hard && subtable.highest < found.hard.priority) break
      for (const flow of subtable.matching(header)) {
        if (found.hard && flow.priority < found.hard.priority) break
        if (isPart(flow)) {
          found.soft.push(flow)
          continue
        }
        if (found.hard && flow.priority === found.hard.priority) found.rivals.push(flow)
        else {
          found.hard = flow
          found.rivals = []
        }
        break
      }
    }
    return found
  }

  #conjunction(table: number, header: Header, parts: readonly F[]): Lookup<F> | undefined {
    let first: Lookup<F> | undefined
    const others: F[] = []
    for (const id of met(parts)) {
      const before = header.get('conjId')
      header.set('conjId', BigInt(id))
      const { hard, rivals } = this.#find(table, header)
      header.set('conjId', before)
      if (!hard) continue
      const flows = parts.filter(({ actions }) =>
        actions.some((action) => action.type === 'conjunction' && action.id === id),
      )
      if (!first) first = { flow: hard, conjunction: { id, flows }, rivals }
      else if (hard !== first.flow) others.push(hard)
    }
    return first && { ...first, rivals: [...first.rivals, ...others] }
  }
}

/** Whether a flow is part of conjunctions and nothing by itself. */
function isPart(flow: Flow): boolean {
  return flow.actions.some(({ type }) => type === 'conjunction')
}

/** The ids of conjunctions all of whose dimensions some part meets. */
function met(parts: readonly Flow[]): readonly number[] {
  const seen = new Map<number, { readonly clauses: number; readonly met: Set<number> }>()
  for (const { actions } of parts)
    for (const action of actions) {
      if (action.type !== 'conjunction') continue
      const conjunction = seen.get(action.id) ?? { clauses: action.clauses, met: new Set() }
      conjunction.met.add(action.clause)
      seen.set(action.id, conjunction)
    }
  return [...seen].filter(([, { clauses, met }]) => met.size === clauses).map(([id]) => id)
}
