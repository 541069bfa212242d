import { type Flow, sameInstructions } from './flow.js'

/** Two units want different things of the same match; the first by id is in force. */
export interface Conflict {
  readonly winner: Flow
  readonly loser: Flow
}

/**
 * What one bridge should have: the union of its scopes. Several units may want the same flow; where they want
 * different contents, the first by unit id wins, whatever order they came in.
 */
export class DesiredFlows {
  readonly #claims = new Map<string, Flow | readonly Flow[]>()
  readonly #contested = new Set<string>()
  #dirty = new Set<string>()

  /** Count of flows. */
  get size(): number {
    return this.#claims.size
  }

  add(flow: Flow): void {
    const claim = this.#claims.get(flow.key)
    this.#dirty.add(flow.key)
    if (!claim) {
      this.#claims.set(flow.key, flow)
      return
    }
    const claims = [...(isFlow(claim) ? [claim] : claim), flow]
    this.#claims.set(flow.key, claims.sort(byUnit))
    this.#contested.add(flow.key)
  }

  remove(flow: Flow): void {
    const claim = this.#claims.get(flow.key)
    if (!claim) return
    const claims = isFlow(claim) ? [claim] : claim
    const rest = claims.filter((other) => other !== flow)
    if (rest.length === claims.length) return
    this.#dirty.add(flow.key)
    const [first] = rest
    if (!first) this.#claims.delete(flow.key)
    else this.#claims.set(flow.key, rest.length === 1 ? first : rest)
    if (rest.length < 2) this.#contested.delete(flow.key)
  }

  get(key: string): Flow | undefined {
    const claim = this.#claims.get(key)
    return claim === undefined || isFlow(claim) ? claim : claim[0]
  }

  keys(): IterableIterator<string> {
    return this.#claims.keys()
  }

  /** The keys that changed since the last call. */
  takeDirty(): Set<string> {
    const dirty = this.#dirty
    this.#dirty = new Set()
    return dirty
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0
  }

  *conflicts(): Generator<Conflict> {
    for (const key of this.#contested) {
      const claim = this.#claims.get(key)
      if (!claim || isFlow(claim)) continue
      const [winner, ...losers] = claim
      for (const loser of losers) if (winner && !sameInstructions(winner, loser)) yield { winner, loser }
    }
  }
}

function isFlow(claim: Flow | readonly Flow[]): claim is Flow {
  return 'key' in claim
}

function byUnit(a: Flow, b: Flow): number {
  return a.unit.id < b.unit.id ? -1 : a.unit.id > b.unit.id ? 1 : 0
}
