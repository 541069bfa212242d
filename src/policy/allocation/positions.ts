/** The places of rules among others: see `position` of the model's PolicyRule. */
import type { Direction } from '../../model/rows.js'
import type { Store, Write } from '../../store/store.js'
import { defaultPriority } from '../kinds/policy.js'
import type { PolicyObject } from '../object.js'
import { type Entry, PositionList, positionCount } from './position-list.js'

type Policy = PolicyObject<'Policy'>

export const directions = ['ingress', 'egress'] as const

const table = 'allocated position'

/** The entries of a policy, by direction in the order of its rules. */
interface Placed {
  readonly domain: string
  readonly priority: number
  readonly entries: Readonly<Record<Direction, readonly Entry[]>>
}

export class Positions {
  /** By direction and domain: `ingress admin`, `egress tenant usr1`. */
  readonly #lists = new Map<string, PositionList>()
  /** By id of the policy, `policy/usr1/web`. */
  readonly #placed = new Map<string, Placed>()
  /** What an earlier run wrote down, until the policy comes. */
  readonly #restored = new Map<string, Readonly<Record<Direction, readonly number[]>>>()
  #changed = new Set<string>()

  constructor(store: Store) {
    for (const [id, record] of store.table(table)) {
      const [ingress = [], egress = []] = record
        .split(';')
        .map((list) => (list === '' ? [] : list.split(',').map(Number)))
      this.#restored.set(id, { ingress, egress })
    }
  }

  /** The position of a rule; undefined where its policy found no room. */
  of(policy: string, direction: Direction, index: number): number | undefined {
    return this.#placed.get(policy)?.entries[direction][index]?.position
  }

  /** Gives back what a policy had. */
  remove(policy: string): void {
    this.#takeOut(policy)
    if (this.#restored.delete(policy)) this.#changed.add(policy)
  }

  /**
   * Gives the rules of these policies their positions; those that find no room stay without.
   * @returns ids of other policies whose rules had to move
   */
  place(policies: Iterable<Policy>): ReadonlySet<string> {
    const coming: { readonly policy: Policy; readonly wishes: Placed['entries'] | undefined }[] = []
    for (const policy of policies) {
      const had = this.#placed.get(policy.id)
      if (had !== undefined && isPlacedAs(had, policy)) continue
      this.#takeOut(policy.id)
      coming.push({ policy, wishes: had?.domain === domainOf(policy) ? had.entries : undefined })
    }
    const arrivals = new Map<PositionList, Entry[]>()
    for (const { policy, wishes } of coming) this.#enter(policy, wishes, arrivals)
    const moved = new Set<string>()
    for (const [list, entries] of arrivals) for (const entry of list.insert(entries)) moved.add(entry.policy)
    for (const id of moved) this.#changed.add(id)
    return moved
  }

  #enter(policy: Policy, wishes: Placed['entries'] | undefined, arrivals: Map<PositionList, Entry[]>): void {
    const { id, fields } = policy
    const domain = domainOf(policy)
    const priority = fields.priority ?? defaultPriority
    const restored = this.#restored.get(id)
    const entriesOf = (direction: Direction): Entry[] =>
      (fields[direction] ?? []).map((_, index) => {
        const position = wishes?.[direction][index]?.position ?? restored?.[direction][index] ?? -1
        return { priority, policy: id, index, position }
      })
    const entries = { ingress: entriesOf('ingress'), egress: entriesOf('egress') }
    const lists = directions.map((direction) => ({
      list: this.#list(direction, domain),
      added: entries[direction],
    }))
    const fits = lists.every(
      ({ list, added }) => list.size + (arrivals.get(list)?.length ?? 0) + added.length <= positionCount,
    )
    if (!fits) return
    for (const { list, added } of lists) {
      const others = arrivals.get(list)
      if (others === undefined) arrivals.set(list, [...added])
      else for (const entry of added) others.push(entry)
    }
    this.#restored.delete(id)
    this.#placed.set(id, { domain, priority, entries })
    this.#changed.add(id)
  }

  #takeOut(id: string): void {
    const placed = this.#placed.get(id)
    if (placed === undefined) return
    for (const direction of directions) {
      const list = this.#list(direction, placed.domain)
      for (const entry of placed.entries[direction]) list.remove(entry)
      if (list.size === 0) this.#lists.delete(`${direction} ${placed.domain}`)
    }
    this.#placed.delete(id)
    this.#changed.add(id)
  }

  #list(direction: Direction, domain: string): PositionList {
    const key = `${direction} ${domain}`
    const list = this.#lists.get(key) ?? new PositionList()
    this.#lists.set(key, list)
    return list
  }

  /** What changed since the last call, for the store. */
  *takeWrites(): Generator<Write> {
    const changed = this.#changed
    this.#changed = new Set()
    for (const key of changed) {
      const entries = this.#placed.get(key)?.entries
      const record = directions.map((direction) =>
        entries?.[direction].map(({ position }) => position).join(','),
      )
      yield { table, key, value: entries === undefined ? undefined : record.join(';') }
    }
  }
}

/** The rules among which those of a policy have their place. */
function domainOf({ fields: { tier, tenant } }: Policy): string {
  return tier === 'tenant' ? `tenant ${tenant}` : tier
}

/** Whether a policy takes the same places as the version of it that was placed. */
function isPlacedAs({ domain, priority, entries }: Placed, policy: Policy): boolean {
  return (
    domain === domainOf(policy) &&
    priority === (policy.fields.priority ?? defaultPriority) &&
    directions.every((direction) => entries[direction].length === (policy.fields[direction]?.length ?? 0))
  )
}
