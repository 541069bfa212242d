import type { PrefixRow } from '../../src/model/rows.js'
import { goto, set } from '../../src/pipeline/actions.js'
import { rule, type TableParts } from '../../src/pipeline/table.js'
import { prefixLength } from '../addresses.js'
import { reg } from '../registers.js'
import { scope, scopeOfPolicy } from '../scopes.js'
import { halves, remoteFields, type Side } from './side.js'

/** Which of the cluster's address groups contain the other end's address. */
export function group(side: Side): TableParts {
  return lookUp(side, {
    registers: [reg.groupHigh, reg.groupLow],
    tenants: false,
    next: `${side.name}-tenant-group`,
  })
}

/** Which of the judged workload's tenant's own address groups contain the other end's address. */
export function tenantGroup(side: Side): TableParts {
  return lookUp(side, {
    registers: [reg.tenantGroupHigh, reg.tenantGroupLow],
    tenants: true,
    next: `${side.name}-admin`,
  })
}

interface Domain {
  readonly registers:
    | readonly [typeof reg.groupHigh, typeof reg.groupLow]
    | readonly [typeof reg.tenantGroupHigh, typeof reg.tenantGroupLow]
  /** Whether these are groups of tenants, or those that have none. */
  readonly tenants: boolean
  readonly next: string
}

function lookUp(side: Side, { registers, tenants, next }: Domain): TableParts {
  const [high, low] = registers
  const concerns = ({ tenant }: PrefixRow) => (tenant !== undefined) === tenants
  return [
    { matches: [...(tenants ? [reg.tenant] : []), ...remoteFields(side)], sets: registers, next: [next] },
    [
      rule(
        'block of an address group',
        'prefix',
        (row) => (concerns(row) ? scopeOfPolicy(row) : undefined),
        function* ({ tenant, cidr, groups, class: known }, model) {
          if (!groups.some((id) => model.by('groupPeers', `${id}/${side.name}`).length > 0)) return
          const number = tenant === undefined ? undefined : model.get('tenant', tenant)?.number
          const [upper, lower] = halves(known)
          yield {
            priority: 100 + prefixLength(cidr),
            match: { ...(number === undefined ? {} : { [reg.tenant]: number }), ...side.remote(cidr) },
            actions: [set(high, upper), set(low, lower), goto(next)],
          }
        },
      ),
      rule(
        'addresses of no group',
        'cluster',
        () => scope.guarded,
        function* () {
          yield { priority: 0, match: {}, actions: [set(high, 0), set(low, 0), goto(next)] }
        },
      ),
    ],
  ]
}
