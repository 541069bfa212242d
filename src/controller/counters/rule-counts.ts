import type { Counted, RuleCounters } from '../../api/counters.js'
import { type Count, type FlowCount, Growth } from '../growth.js'
import type { CountedFor, Kind } from './counted.js'

interface Total extends Pick<CountedFor, 'policy' | 'direction' | 'index'> {
  readonly counts: Readonly<Record<Kind, Count>>
}

/**
 * Counters of rules over all switches. Only what a flow has grown by since the last reading is added, so nothing is lost
 * when flows come anew or switches go.
 */
export class RuleCounts {
  readonly #totals = new Map<string, Total>()
  readonly #growth = new Growth()

  /** Takes one reading of a switch, of all flows that count. */
  add(host: string, flows: Iterable<FlowCount<CountedFor>>): void {
    for (const { of, packets, bytes } of this.#growth.since(host, flows)) {
      const count = this.#total(of).counts[of.kind]
      count.packets += packets
      count.bytes += bytes
    }
  }

  /** Forgets rules that are gone, and hosts. */
  keep(
    exists: (rule: Pick<CountedFor, 'policy' | 'direction' | 'index'>) => boolean,
    hosts: ReadonlySet<string>,
  ) {
    for (const [id, total] of this.#totals) if (!exists(total)) this.#totals.delete(id)
    this.#growth.keep(hosts)
  }

  /** In the order of policy, direction, rule. */
  all(): readonly RuleCounters[] {
    return [...this.#totals.values()].sort(compare).map(({ policy, direction, index, counts }) => ({
      policy,
      direction,
      rule: index === undefined ? 'default' : String(index),
      allowed: view(counts.allowed),
      denied: view(counts.denied),
      replies: view(counts.replies),
    }))
  }

  #total({ policy, direction, index }: CountedFor): Total {
    const id = `${policy}#${direction}/${index ?? 'default'}`
    let total = this.#totals.get(id)
    if (!total) {
      const none = (): Count => ({ packets: 0n, bytes: 0n })
      total = { policy, direction, index, counts: { allowed: none(), denied: none(), replies: none() } }
      this.#totals.set(id, total)
    }
    return total
  }
}

function view({ packets, bytes }: Count): Counted {
  return { packets: String(packets), bytes: String(bytes) }
}

function compare(a: Total, b: Total): number {
  if (a.policy !== b.policy) return a.policy < b.policy ? -1 : 1
  if (a.direction !== b.direction) return a.direction < b.direction ? -1 : 1
  return (a.index ?? Number.POSITIVE_INFINITY) - (b.index ?? Number.POSITIVE_INFINITY)
}
