import { isFirst } from '../src/model/services.js'
import { anywhere, inPart, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { limitOfWorkload } from './limits.js'
import { from, icmpErrors, to } from './protocols.js'
import { origin, part, reg, untaggedOfTrunk } from './registers.js'
import { scope } from './scopes.js'
import { deliveryTo, toPort, toPortOfTrunk, toPortWithTag } from './trunks.js'

/** Packets of this host's workloads or of another's, that conntrack has not yet been asked about for services. */
const fromInside = { [reg.origin]: { value: origin.workload, mask: ~origin.tunnel >>> 0 } }

/**
 * To the workload's port, once nothing stands against it, as fast as the workload may get packets. What a backend answers
 * for a service comes from the service's address.
 */
export default table(
  import.meta.url,
  {
    matches: [
      reg.destination,
      reg.tenant,
      reg.source,
      reg.origin,
      part.tag.field,
      'ethType',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'ipProto',
      'icmpv4Type',
      'icmpv6Type',
    ],
    sets: ['ipDscp', 'inPort16', 'vlanVid', reg.origin],
    next: ['deliver'],
  },
  [
    rule(
      'answers of a backend',
      'backend',
      ({ tenant }) => scope.tenant(tenant),
      function* (backend, model) {
        const tenant = model.get('tenant', backend.tenant)
        if (!tenant || !isFirst(backend, model)) return
        const { address, key } = backend
        const match = { [reg.tenant]: tenant.number, ...fromInside, ...from(address) }
        const actions = asService(tenant.number)
        yield { priority: 300, match, actions }
        const own = { ...match, [reg.source]: key, ...to(address) }
        yield { priority: 310, match: own, actions: [anywhere, ...actions] }
      },
    ),
    rule(
      'errors about packets to a service',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id, number }, model) {
        if (model.by('served', id).length === 0) return
        for (const message of icmpErrors)
          yield {
            priority: 290,
            match: { [reg.tenant]: number, ...fromInside, ...message },
            actions: asService(number),
          }
      },
    ),
    limitOfWorkload('in', ({ key }) => ({ [reg.destination]: key }), deliveryTo),
    rule(
      'port of the destination',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 100, match: inPart(part.tag, 0), actions: toPort }
        yield { priority: 100, match: inPart(part.tag, untaggedOfTrunk), actions: toPortOfTrunk }
        yield { priority: 0, match: {}, actions: toPortWithTag }
      },
    ),
  ],
)

/** As the tenant's conntrack zone knows the packet, if it does; it comes here again. */
function asService(zone: number): readonly RuleAction[] {
  return [
    set(reg.origin, origin.service),
    { type: 'ctClear' },
    { type: 'ct', zone, nat: {}, table: 'deliver' },
  ]
}
