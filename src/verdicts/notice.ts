import type { Direction } from '../model/rows.js'

/** What became of a packet. */
export type Outcome = 'allow' | 'deny' | 'reject'

/** What a switch says with a packet on which a rule of a policy has decided. */
export interface Notice {
  readonly direction: Direction
  readonly outcome: Outcome
  readonly rule: RuleNumber
}

/** A rule as flows know it. */
export interface RuleNumber {
  /** Number of the policy; 0: no policy says otherwise. */
  readonly policy: number
  /** Its place in the policy's list; {@link defaultIndex}: what the policy's rules leave over. */
  readonly index: number
}

/** Stands for what none of a policy's rules allows. */
export const defaultIndex = 2047
const indexBits = 11

const directions: readonly Direction[] = ['egress', 'ingress']
const outcomes: readonly Outcome[] = ['allow', 'deny', 'reject']

/**
 * Reads the userdata of a verdict: reason, direction, outcome, zero, then the rule's number.
 * @returns undefined where it is none
 */
export function readNotice(userdata: Uint8Array): Notice | undefined {
  if (userdata.length !== 8 || userdata[3] !== 0) return undefined
  const direction = directions[userdata[1] ?? -1]
  const outcome = outcomes[userdata[2] ?? -1]
  if (direction === undefined || outcome === undefined) return undefined
  return { direction, outcome, rule: ruleNumber(Buffer.from(userdata).readUInt32BE(4)) }
}

/** The parts of a rule's number, as registers and connection labels have it. */
export function ruleNumber(value: number): RuleNumber {
  return { policy: value >>> indexBits, index: value & defaultIndex }
}
