import { everything } from '../../src/model/index-definitions.js'
import { classOf } from '../../src/model/labels.js'
import type { TenantRow, WorkloadRow } from '../../src/model/rows.js'
import { set, setPart } from '../../src/pipeline/actions.js'
import { type Rule, type RuleAction, type RuleFlow, rule } from '../../src/pipeline/table.js'
import { ipv4, ipv6 } from '../protocols.js'
import { part, reg } from '../registers.js'
import { scope } from '../scopes.js'
import { halves, type Side } from './side.js'

/**
 * Look up the connections of the tenants that policy concerns: of every workload of theirs, selected or not, so that
 * the direction of a connection is known when a policy comes to concern it.
 */
export function track(side: Side): readonly [Rule<'tenant'>, Rule<'cluster'>] {
  return [
    rule(
      'tenant that has policies',
      'tenant',
      ({ id }) => scope.guard(id),
      function* ({ id, number }, model) {
        if (model.by('guards', id).length > 0) yield* lookUps(side, 100, { [reg.tenant]: number })
      },
    ),
    rule(
      'every tenant, if some policy has none',
      'cluster',
      () => scope.guarded,
      function* (_cluster, model) {
        if (model.by('guards', everything).length > 0) yield* lookUps(side, 50, {})
      },
    ),
  ]
}

function* lookUps({ name }: Side, priority: number, at: RuleFlow['match']): Generator<RuleFlow> {
  for (const family of [ipv4, ipv6])
    yield {
      priority,
      match: { ...at, ...family },
      actions: [{ type: 'ct', zone: part.zone, table: `${name}-tracked` }],
    }
}

/** Notes what policy has to know of the workload here. */
export function noteWorkload({ labels }: WorkloadRow, tenant: TenantRow): readonly RuleAction[] {
  const [high, low] = halves(classOf(labels))
  return [
    set(reg.tenant, tenant.number),
    setPart(part.zone, policyZone(tenant)),
    set(reg.classHigh, high),
    set(reg.classLow, low),
  ]
}

/** The conntrack zone of a tenant's policy: apart from those of address translation, which are below. */
function policyZone({ number }: TenantRow): number {
  return 0x8000 + number
}
