import { goto, inPart } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { stranded } from './answers.js'
import { at } from './gateways.js'
import { from } from './protocols.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'
import { limitedFor, limitedForAll } from './shared-limits.js'
import { narrowUplinks } from './sizes.js'

/** What a tenant's workloads send to the outside: limits that they share, and marks. */
export default table(
  import.meta.url,
  {
    matches: [reg.tenant, reg.gateway, part.larger.field, 'ethType', 'ipv4Src', 'ipv6Src'],
    sets: ['ipDscp'],
    next: ['tenant-nat'],
  },
  [
    rule(
      'packets that are too large',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge, model) {
        for (const [gateway, mtu] of narrowUplinks(bridge, model))
          yield {
            priority: 300,
            match: { ...at(gateway), ...inPart(part.larger, 1) },
            actions: stranded('tooLarge', 'gateway', mtu),
          }
      },
    ),
    limitedFor('out', from, 'tenant-nat'),
    limitedForAll('out', 'tenant-nat'),
    rule(
      'no limit',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('tenant-nat')] }
      },
    ),
  ],
)
