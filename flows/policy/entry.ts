import { classOf } from '../../src/model/labels.js'
import type { Reads } from '../../src/model/reads.js'
import type { Labels, TenantRow } from '../../src/model/rows.js'
import { set } from '../../src/pipeline/actions.js'
import type { RuleAction, RuleFlow } from '../../src/pipeline/table.js'
import { ipv4, ipv6 } from '../protocols.js'
import { reg } from '../registers.js'
import { isGuarded } from '../scopes.js'
import { halves, policyZone, type Side } from './side.js'

/** Looks up the connections of a tenant that policy concerns: of every workload, so that directions are known. */
export function* track({ name }: Side, tenant: TenantRow, model: Reads): Generator<RuleFlow> {
  if (!isGuarded(tenant.id, model)) return
  for (const family of [ipv4, ipv6])
    yield {
      priority: 100,
      match: { [reg.tenant]: tenant.number, ...family },
      actions: [{ type: 'ct', zone: policyZone(tenant), table: `${name}-tracked` }],
    }
}

/** Notes the labels of the workload that will be judged. */
export function setClass(labels: Labels): readonly RuleAction[] {
  const [high, low] = halves(classOf(labels))
  return [set(reg.classHigh, high), set(reg.classLow, low)]
}
