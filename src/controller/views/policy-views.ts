import type { ObjectView } from '../../api/contract.js'
import type { Counted, RuleCounters, RuleCounts } from '../../api/counters.js'
import { selects } from '../../model/labels.js'
import type { Model } from '../../model/model.js'
import type { Direction, Labels, PolicyRow, PolicyRule } from '../../model/rows.js'
import type { Sources } from '../sources.js'

const directions: readonly Direction[] = ['ingress', 'egress']
const none: Counted = { packets: '0', bytes: '0' }
const nothing: RuleCounts = { allowed: none, denied: none, replies: none }

/** Policies as clients see them: with the workloads that they select, and what each of their rules has decided. */
export class PolicyViews {
  readonly #counts: ReadonlyMap<string, RuleCounts>
  readonly #labels: Population

  /** @param counters of all rules, as read just now */
  constructor(
    readonly model: Model,
    readonly sources: Sources,
    counters: readonly RuleCounters[],
  ) {
    this.#labels = new Population(model)
    this.#counts = new Map(
      counters.map(({ policy, direction, rule, allowed, denied, replies }) => [
        `${policy}#${direction}/${rule}`,
        { allowed, denied, replies },
      ]),
    )
  }

  /** The policy with each rule's place and counters; in `default` what its rules leave over, by direction. */
  view(object: ObjectView): ObjectView {
    const row = this.model.get('policy', object.id.slice('policy/'.length))
    if (!row) return object
    const said = directions.filter((direction) => row[direction] !== undefined)
    return {
      ...object,
      selected: this.#labels.selected(row),
      ...Object.fromEntries(
        said.map((direction) => [direction, row[direction]?.map((rule) => this.#rule(row, direction, rule))]),
      ),
      default: Object.fromEntries(
        said.map((direction) => [direction, this.#countsOf(row, direction, 'default')]),
      ),
    }
  }

  #rule({ id }: PolicyRow, direction: Direction, rule: PolicyRule) {
    const { file, line } = this.sources.place(`policy/${id}`, [direction, rule.index])
    return { ...rule, file, line, ...this.#countsOf({ id }, direction, String(rule.index)) }
  }

  #countsOf({ id }: Pick<PolicyRow, 'id'>, direction: Direction, rule: string): RuleCounts {
    return this.#counts.get(`${id}#${direction}/${rule}`) ?? nothing
  }
}

/** How many workloads have which labels: policies are many, sets of labels are few. */
class Population {
  readonly #sets = new Map<string, { readonly tenant: string; readonly labels: Labels; count: number }>()

  constructor(model: Model) {
    for (const { tenant, labels } of model.rows('workload')) {
      const key = JSON.stringify([tenant, labels])
      const set = this.#sets.get(key)
      if (set) set.count++
      else this.#sets.set(key, { tenant, labels, count: 1 })
    }
  }

  selected({ tenant, select }: PolicyRow): number {
    let sum = 0
    for (const set of this.#sets.values())
      if ((tenant === undefined || tenant === set.tenant) && selects(select, set.labels)) sum += set.count
    return sum
  }
}
