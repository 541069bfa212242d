import type { Reads } from '../src/model/reads.js'
import type { PlacementRow } from '../src/model/rows.js'
import { askersOf, isFirst, isServed } from '../src/model/services.js'
import { anywhere, drop, inPart, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { copiesOfGot } from './copies.js'
import { limitOfWorkload } from './limits.js'
import { from, icmpErrors, to } from './protocols.js'
import { origin, part, reg, untaggedOfTrunk } from './registers.js'
import { scope } from './scopes.js'
import { deliveryTo, isOnTrunk, toPort, toPortOfTrunk, toPortWithTag } from './trunks.js'

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
      'inPort',
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
    sets: [reg.network, 'ipDscp', 'inPort16', 'vlanVid', reg.origin],
    next: ['deliver', 'mirror'],
  },
  [
    rule(
      'answers of a backend',
      'backend',
      ({ service }) => scope.service(service),
      function* (backend, model) {
        const { tenant: owner, address, key } = backend
        if (!isFirst(backend, model)) return
        for (const { id, number } of askersOf(backend, model)) {
          const match = { [reg.tenant]: number, ...fromInside, ...from(address) }
          const actions = asService(number)
          yield { priority: 300, match, actions }
          const own = { ...match, [reg.source]: key, ...to(address) }
          if (id === owner)
            yield { priority: 310, match: own, actions: [anywhere, ...asServiceToItself(number)] }
        }
      },
    ),
    rule(
      'errors about packets to a service',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id, number }, model) {
        if (!isServed(id, model)) return
        for (const message of icmpErrors)
          yield {
            priority: 290,
            match: { [reg.tenant]: number, ...fromInside, ...message },
            actions: asService(number),
          }
      },
    ),
    limitOfWorkload('in', ({ key }) => ({ [reg.destination]: key }), delivery),
    rule(
      'destination whose packets are copied',
      'tap',
      ({ host }) => scope.host(host),
      function* (tap, model) {
        const workload = model.get('workload', tap.id)
        const placement = model.get('placement', tap.id)
        if (!workload || !placement || tap.got.length === 0) return
        const match = { [reg.destination]: workload.key }
        yield { priority: 150, match, actions: delivery(placement, model) }
        // What it floods does not come back to it: so there is nothing to copy.
        if (!isOnTrunk(placement))
          yield { priority: 250, match: { ...match, inPort: placement.ofport }, actions: drop }
      },
    ),
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
  return [...untracked, { type: 'ct', zone, nat: {}, table: 'deliver' }]
}

/**
 * Likewise, also where the packet opens its connection: which the kernel's datapath translates only where it could begin
 * to, by a commit that says which end. The connection is there, with the service's address.
 */
function asServiceToItself(zone: number): readonly RuleAction[] {
  return [...untracked, { type: 'ct', commit: true, zone, nat: { kind: 'src' }, table: 'deliver' }]
}

const untracked: readonly RuleAction[] = [set(reg.origin, origin.service), { type: 'ctClear' }]

/** With the copies that are made of it: of what does get there, and as it does. */
function delivery(placement: PlacementRow, reads: Reads): readonly RuleAction[] {
  return [...copiesOfGot(placement, reads), ...deliveryTo(placement)]
}
