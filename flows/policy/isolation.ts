import { type Isolation, parseIsolation } from '../../src/model/index-definitions.js'
import { parseLabelSet, selects, selectsAll } from '../../src/model/labels.js'
import type { Reads } from '../../src/model/reads.js'
import type { PolicyRow } from '../../src/model/rows.js'
import { goto, set } from '../../src/pipeline/actions.js'
import { type Rule, type RuleFlow, rule } from '../../src/pipeline/table.js'
import { isolation, mark, reg, ruleId } from '../registers.js'
import { scope } from '../scopes.js'
import { ofClass, type Side } from './side.js'

/** Below every rule of a tenant: what none of them allows, for workloads that some policy of the tenant selects. */
export function isolations(side: Side): Rule<'policy'> {
  return rule(
    'what no rule of a selecting policy allows',
    'policy',
    (policy) =>
      isolates(side, policy) && policy.tenant !== undefined ? scope.guard(policy.tenant) : undefined,
    (policy, model) => drops(side, policy, model),
  )
}

/** Whether a policy's silence means no: it is of the tenant tier and has a list for the direction. */
export function isolates({ name }: Side, policy: PolicyRow): boolean {
  return policy.tier === 'tenant' && policy[name] !== undefined
}

/**
 * The flows of one policy: for workloads of which it is the first by id of those that select them. What every workload
 * has that no other policy selects is one flow; label sets for which that flow would be wrong have their own above it.
 */
function* drops(side: Side, { id, tenant: owner, number }: PolicyRow, model: Reads): Generator<RuleFlow> {
  const tenant = owner === undefined ? undefined : model.get('tenant', owner)
  if (!tenant) return
  const policies = model
    .by('isolations', `${tenant.id}/${side.name}`)
    .map(parseIsolation)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const general = policies.filter(({ select }) => selectsAll(select))
  const flow = (priority: number, match: RuleFlow['match'], selecting: readonly Isolation[]): RuleFlow => ({
    priority,
    match: { [reg.tenant]: tenant.number, ...match },
    actions: [
      set(reg.verdict, ruleId(number, isolation) + (keeps(selecting) ? mark.keep : 0)),
      goto(`${side.name}-verdict`),
    ],
  })
  if (general[0]?.id === id) yield flow(8192, {}, general)
  if (general.length === policies.length) return
  const own = policies.find((policy) => policy.id === id)
  for (const { class: of, labels } of model.by('labelSets', tenant.id).map(parseLabelSet)) {
    if (!own || !selects(own.select, labels)) continue
    const selecting = policies.filter(({ select }) => selects(select, labels))
    const covered = general[0] === selecting[0] && keeps(general) === keeps(selecting)
    if (selecting[0] === own && !covered)
      yield flow(8193, ofClass(reg.classHigh, reg.classLow, of), selecting)
  }
}

/** Connections live on that are no longer allowed if that is what all policies say. */
function keeps(policies: readonly Isolation[]): boolean {
  return policies.every(({ established }) => established === 'keep')
}
