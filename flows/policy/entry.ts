import { classOf } from '../../src/model/labels.js'
import type { Reads } from '../../src/model/reads.js'
import type { PlacementRow } from '../../src/model/rows.js'
import { set } from '../../src/pipeline/actions.js'
import type { RuleFlow } from '../../src/pipeline/table.js'
import { ipv4, ipv6 } from '../protocols.js'
import { reg } from '../registers.js'
import { isGuarded } from '../scopes.js'
import { halves, policyZone, type Side } from './side.js'

/** Has the packets of a workload tracked, if policy concerns its tenant: selected or not, so that directions are known. */
export function* track(side: Side, { id, tenant: owner }: PlacementRow, model: Reads): Generator<RuleFlow> {
  if (!isGuarded(owner, model)) return
  const workload = model.get('workload', id)
  const tenant = model.get('tenant', owner)
  if (!workload || !tenant) return
  const [high, low] = halves(classOf(workload.labels))
  for (const family of [ipv4, ipv6])
    yield {
      priority: 100,
      match: { [side.subject]: workload.key, ...family },
      actions: [
        set(reg.tenant, tenant.number),
        set(reg.classHigh, high),
        set(reg.classLow, low),
        { type: 'ct', zone: policyZone(tenant), table: `${side.name}-tracked` },
      ],
    }
}
