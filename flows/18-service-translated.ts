import { isFirst } from '../src/model/services.js'
import { goto } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { firstTo, partsOf, towards, valid } from './services.js'

/**
 * What was for a service and is for its backend now. Who is its own backend has to see the service at the other end, so
 * its packets are to get the service's address as their source, in `deliver`; its answers have the backend's again here.
 * Packets for who is no backend any more end.
 */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, reg.source, 'ctState', 'ethType', 'ipv4Dst', 'ipv6Dst', 'ctNwDst', 'ctIpv6Dst'],
    sets: ['ethDst'],
    next: ['egress'],
  },
  [
    rule(
      'backend of a service',
      'backend',
      ({ tenant }) => scope.tenant(tenant),
      function* (backend, model) {
        const parts = partsOf(backend, model)
        if (!parts) return
        const { tenant, workload } = parts
        const { virtual, address, key } = backend
        const match = { [reg.tenant]: tenant.number, ...valid, ...to(address), ...firstTo(virtual) }
        const onward = [towards(workload, model), goto('egress')]
        yield { priority: 100, match, actions: onward }
        yield {
          priority: 200,
          match: { ...match, [reg.source]: key },
          actions: [comesFrom(virtual, tenant.number), ...onward],
        }
      },
    ),
    rule(
      'answers of a backend to itself',
      'backend',
      ({ tenant }) => scope.tenant(tenant),
      function* (backend, model) {
        const parts = isFirst(backend, model) ? partsOf(backend, model) : undefined
        if (!parts) return
        const { tenant, workload } = parts
        const { address, key } = backend
        const at = { [reg.tenant]: tenant.number, [reg.source]: key, ...valid }
        yield {
          priority: 300,
          match: { ...at, ...to(address), ...firstTo(address) },
          actions: [towards(workload, model), goto('egress')],
        }
      },
    ),
  ],
)

/** Lets conntrack know that packets like this one are to have another source where they are delivered. */
function comesFrom(address: string, zone: number): RuleAction {
  const commit = { type: 'ct', commit: true, zone, nat: { kind: 'src', address } } as const
  return { type: 'clone', actions: [{ type: 'ctClear' }, commit] }
}
