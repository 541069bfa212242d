import { isFirst, isServed } from '../src/model/services.js'
import { drop, goto, withCopy } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { firstTo, partsOf, towards } from './services.js'
import { valid } from './tracking.js'

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
      ({ service }) => scope.service(service),
      function* (backend, model) {
        const parts = partsOf(backend, model)
        if (!parts) return
        const { virtual, address, key } = backend
        const onward = [towards(parts.workload, model), goto('egress')]
        for (const { tenant, networks } of parts.audiences) {
          const match = { [reg.tenant]: tenant.number, ...valid, ...to(address), ...firstTo(virtual) }
          yield { priority: 100, match, actions: onward }
          if (networks) continue
          yield {
            priority: 200,
            match: { ...match, [reg.source]: key },
            actions: [comesFrom(virtual, tenant.number), ...onward],
          }
        }
      },
    ),
    rule(
      'answers of a backend to itself',
      'backend',
      ({ tenant }) => scope.tenant(tenant),
      function* (backend, model) {
        const tenant = isFirst(backend, model) ? model.get('tenant', backend.tenant) : undefined
        const workload = model.get('workload', backend.workload)
        if (!tenant || !workload) return
        const { address, key } = backend
        const at = { [reg.tenant]: tenant.number, [reg.source]: key, ...valid }
        yield {
          priority: 300,
          match: { ...at, ...to(address), ...firstTo(address) },
          actions: [towards(workload, model), goto('egress')],
        }
      },
    ),
    rule(
      'packets for who is no backend any more',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id, number }, model) {
        if (isServed(id, model)) yield { priority: 1, match: { [reg.tenant]: number }, actions: drop }
      },
    ),
  ],
)

/** Lets conntrack know that packets like this one are to have another source where they are delivered. */
function comesFrom(address: string, zone: number): RuleAction {
  const commit = { type: 'ct', commit: true, zone, nat: { kind: 'src', address } } as const
  return withCopy([{ type: 'ctClear' }, commit])
}
