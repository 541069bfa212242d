import { type Backoff, backoffMs } from './backoff.js'
import type { Endpoint } from './endpoint.js'

/**
 * Which endpoint comes next, and after what wait. A round through all of them goes without waits; the wait between
 * rounds grows until a connection has lasted as long as the wait before it would have been. A server that accepts
 * connections only to drop them is thereby left alone more and more, as is one that refuses them.
 */
export class Attempts {
  #at = 0
  #failures = 0

  constructor(
    readonly endpoints: readonly [Endpoint, ...Endpoint[]],
    readonly backoff: Backoff,
    readonly random: () => number,
  ) {}

  /** The endpoint whose turn it is. */
  get endpoint(): Endpoint {
    return this.endpoints[this.#at] ?? this.endpoints[0]
  }

  /** How long a connection must last to count as one that went well. */
  get trialMs(): number {
    return backoffMs(this.backoff, this.#round, () => 0)
  }

  /** The present connection has lasted: what failed before is forgotten. */
  succeeded(): void {
    this.#failures = 0
  }

  /** The present endpoint failed, or its connection ended. Returns the wait before the next one in milliseconds. */
  failed(): number {
    const roundIsOver = (this.#failures + 1) % this.endpoints.length === 0
    const waitMs = roundIsOver ? backoffMs(this.backoff, this.#round, this.random) : 0
    this.#failures++
    this.#at = (this.#at + 1) % this.endpoints.length
    return waitMs
  }

  get #round(): number {
    return Math.floor(this.#failures / this.endpoints.length)
  }
}
