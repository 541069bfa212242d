import type { Reads } from '../../src/model/reads.js'
import type { RuleRow, Tier } from '../../src/model/rows.js'
import { goto, set } from '../../src/pipeline/actions.js'
import { type Rule, type RuleAction, type RuleFlow, rule, type TableParts } from '../../src/pipeline/table.js'
import { noRule, part, reg, ruleId } from '../registers.js'
import { scope, scopeOfPolicy } from '../scopes.js'
import { combine } from './combine.js'
import { dimensionsOf } from './dimensions.js'
import { isolations } from './isolation.js'
import { remoteFields, type Side } from './side.js'

/** Above the position of every rule. */
const positions = 16384

/** By what a tier's rules come in order: the lower the position, the higher the priority. */
const base = {
  first: 1024,
  allow: 16384,
  deny: 32768,
} as const

/** Rules of the admin tier: the first that matches decides, or passes on. */
export function admin(side: Side): TableParts {
  return tier(side, 'admin', `${side.name}-rules`, [goto(`${side.name}-rules`)], [])
}

/** Rules of tenants: what denies beats what allows, and what none allows is dropped where some policy selects. */
export function tenantRules(side: Side): TableParts {
  return tier(side, 'tenant', `${side.name}-baseline`, [goto(`${side.name}-baseline`)], [isolations(side)])
}

/** Rules of the baseline tier: the first that matches decides what no other tier does; the rest is allowed. */
export function baseline(side: Side): TableParts {
  return tier(side, 'baseline', `${side.name}-verdict`, decide(side, noRule), [])
}

/** @param otherwise where no rule matches, or one passes */
function tier(
  side: Side,
  name: Tier,
  next: string,
  otherwise: readonly RuleAction[],
  more: readonly Rule[],
): TableParts {
  const verdict = `${side.name}-verdict`
  return [
    {
      matches: [
        ...[reg.tenant, reg.classHigh, reg.classLow, reg.peerTenant, reg.peerClassHigh, reg.peerClassLow],
        ...[reg.groupHigh, reg.groupLow, reg.tenantGroupHigh, reg.tenantGroupLow, 'conjId' as const],
        part.question.field,
        ...remoteFields(side),
        ...([
          'ipProto',
          'tcpDst',
          'udpDst',
          'udpSrc',
          'sctpDst',
          'icmpv4Type',
          'icmpv6Type',
          'ipFrag',
          'ctState',
          'ctZone',
          'ctNwProto',
          'ctTpSrc',
          'ctTpDst',
        ] as const),
      ],
      sets: [reg.verdict],
      next: [...new Set([next, verdict])],
    },
    [
      rule(
        `rule of the ${name} tier`,
        'rule',
        (row) => (row.tier === name && row.direction === side.name ? scopeOfPolicy(row) : undefined),
        (row, model) => judge(side, row, otherwise, model),
      ),
      ...more,
      rule(
        'packets that no rule matches',
        'cluster',
        () => scope.guarded,
        function* () {
          yield { priority: 0, match: {}, actions: otherwise }
        },
      ),
    ],
  ]
}

function judge(side: Side, row: RuleRow, otherwise: readonly RuleAction[], model: Reads): Iterable<RuleFlow> {
  const id = ruleId(row.number, row.index)
  return combine(
    id,
    priorityOf(row),
    dimensionsOf(side, row, model),
    row.action === 'pass' ? otherwise : decide(side, id),
  )
}

function priorityOf({ tier, action, position }: RuleRow): number {
  const order = positions - 1 - position
  if (tier !== 'tenant') return base.first + order
  return order + (action === 'allow' ? base.allow : base.deny)
}

function decide({ name }: Side, verdict: number): readonly RuleAction[] {
  return [set(reg.verdict, verdict), goto(`${name}-verdict`)]
}
