/** How long to wait between attempts. */
export interface Backoff {
  /** Longest wait before the first attempt. Default 250. */
  readonly minMs: number
  /** Longest wait ever. Default 30,000. */
  readonly maxMs: number
}

/**
 * The wait before attempt number `attempt` (from 0): doubles each time up to the maximum, of which a random half is
 * left out, so that many clients of one server do not come back together.
 * @param random a number in [0, 1)
 */
export function backoffMs({ minMs, maxMs }: Backoff, attempt: number, random: () => number): number {
  return Math.min(maxMs, minMs * 2 ** attempt) * (1 - random() / 2)
}
