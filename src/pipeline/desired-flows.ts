import { type Flow, sameInstructions } from './flow.js'

/** Two units want different things of the same match; the first by id is in force. */
export interface Conflict {
  readonly winner: Flow
  readonly loser: Flow
}

/** Several units want the same flow. */
class Contest {
  readonly flows: Set<Flow>

  constructor(public winner: Flow) {
    this.flows = new Set([winner])
  }

  add(flow: Flow): void {
    this.flows.add(flow)
    if (flow.unit.id < this.winner.unit.id) this.winner = flow
  }

  /** Returns whether it was there. The last one stays. */
  remove(flow: Flow): boolean {
    if (!this.flows.delete(flow)) return false
    if (flow === this.winner)
      this.winner = [...this.flows].reduce((first, other) => (other.unit.id < first.unit.id ? other : first))
    return true
  }
}

/**
 * What one bridge should have: the union of its scopes. Several units may want the same flow; where they want
 * different contents, the first by unit id wins, whatever order they came in.
 */
export class DesiredFlows {
  readonly #claims = new Map<string, Flow | Contest>()
  readonly #contested = new Set<Contest>()
  /** Undefined until somebody asks. */
  #dirty: Set<string> | undefined

  /** Count of flows. */
  get size(): number {
    return this.#claims.size
  }

  add(flow: Flow): void {
    const { key } = flow
    this.#dirty?.add(key)
    const claim = this.#claims.get(key)
    if (claim instanceof Contest) claim.add(flow)
    else if (!claim) this.#claims.set(key, flow)
    else {
      const contest = new Contest(claim)
      contest.add(flow)
      this.#claims.set(key, contest)
      this.#contested.add(contest)
    }
  }

  remove(flow: Flow): void {
    const { key } = flow
    const claim = this.#claims.get(key)
    if (claim instanceof Contest) {
      if (!claim.remove(flow)) return
      if (claim.flows.size === 1) {
        this.#claims.set(key, claim.winner)
        this.#contested.delete(claim)
      }
    } else if (claim === flow) this.#claims.delete(key)
    else return
    this.#dirty?.add(key)
  }

  get(key: string): Flow | undefined {
    const claim = this.#claims.get(key)
    return claim instanceof Contest ? claim.winner : claim
  }

  keys(): IterableIterator<string> {
    return this.#claims.keys()
  }

  /** The keys that changed since the last call; the first call begins to count. */
  takeDirty(): Set<string> {
    const dirty = this.#dirty ?? new Set()
    this.#dirty = new Set()
    return dirty
  }

  get isDirty(): boolean {
    return this.#dirty !== undefined && this.#dirty.size > 0
  }

  *conflicts(): Generator<Conflict> {
    for (const { winner, flows } of this.#contested)
      for (const loser of flows) if (!sameInstructions(winner, loser)) yield { winner, loser }
  }
}
