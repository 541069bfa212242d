import type { ObjectView } from '../api/contract.js'
import type { RuleCounts } from '../api/counters.js'
import { placeOf } from './place.js'
import { formatTable } from './table.js'

/** A rule as `get` answers it. */
interface RuleView extends RuleCounts {
  readonly index: number
  readonly action: string
  readonly file?: string
  readonly line?: number
}

/** A policy as `get` answers it. */
export interface PolicyView extends ObjectView {
  readonly tier: string
  readonly selected: number
  readonly ingress?: readonly RuleView[]
  readonly egress?: readonly RuleView[]
  readonly default: Readonly<Record<string, RuleCounts>>
}

const heading = [
  'TENANT',
  'POLICY',
  'TIER',
  'SELECTED',
  'RULE',
  'ACTION',
  'ALLOWED',
  'DENIED',
  'REPLIES',
  'PLACE',
]
const directions = ['ingress', 'egress'] as const

export function isPolicy(object: ObjectView): object is PolicyView {
  return object.kind === 'Policy' && 'selected' in object && 'default' in object
}

/** A row for each policy, and below it one for each of its rules and for what they leave over, with packets. */
export function policyTable(policies: readonly PolicyView[]): string[] {
  const rows = policies.flatMap((policy) => {
    const { tenant = '-', name, tier, selected } = policy
    return [[tenant, name, tier, String(selected), '', '', '', '', '', placeOf(policy)], ...ruleRows(policy)]
  })
  return formatTable([heading, ...rows])
}

function ruleRows(policy: PolicyView): string[][] {
  return directions.flatMap((direction) => {
    const rules = (policy[direction] ?? []).map((rule) =>
      ruleRow(`${direction}/${rule.index}`, rule.action, rule, placeOf(rule)),
    )
    const rest = policy.default[direction]
    const isolates = rest !== undefined && policy.tier === 'tenant'
    return isolates ? [...rules, ruleRow(`${direction}/default`, 'deny', rest, placeOf(policy))] : rules
  })
}

function ruleRow(
  rule: string,
  action: string,
  { allowed, denied, replies }: RuleCounts,
  place: string,
): string[] {
  return ['', '', '', '', rule, action, allowed.packets, denied.packets, replies.packets, place]
}
