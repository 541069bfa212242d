import type { LinkState } from './tunnel-probes.js'

/** What is known of a host's way to the outside. */
export interface UplinkFacts {
  /** Whether anything of the host is known now. */
  readonly isReachable: boolean
  readonly hasCarrier: boolean
  /** Whether there is a next hop to ask, and whether it answers; undefined while that is not known. */
  readonly hasNextHop: boolean
  readonly isAnswered?: boolean
}

/** The state of an uplink, and why it is not up. */
export interface Verdict {
  readonly state: LinkState
  readonly reason?: string
}

export function judgeUplink({ isReachable, hasCarrier, hasNextHop, isAnswered }: UplinkFacts): Verdict {
  if (!isReachable) return { state: 'unknown', reason: 'the host is not connected' }
  if (!hasCarrier) return { state: 'down', reason: 'no carrier' }
  if (!hasNextHop || isAnswered === true) return { state: 'up' }
  return isAnswered === false
    ? { state: 'down', reason: 'the next hop does not answer' }
    : { state: 'unknown', reason: 'the next hop has not been asked' }
}
