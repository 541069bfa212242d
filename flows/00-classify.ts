import { goto, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { meters } from './answers.js'
import { noteWorkload } from './policy/entry.js'
import { origin, part, reg } from './registers.js'
import { scope } from './scopes.js'

/** Where a packet comes from: what every later table goes by. Ports that are nobody's end here. */
export default table(
  import.meta.url,
  {
    matches: ['inPort'],
    sets: [
      reg.network,
      reg.tenant,
      reg.source,
      reg.origin,
      reg.gateway,
      reg.classHigh,
      reg.classLow,
      part.zone.field,
    ],
    next: ['spoof-guard', 'tunnel-in', 'outside'],
  },
  [
    rule(
      'port of a workload',
      'placement',
      ({ host }) => scope.host(host),
      function* (placement, model) {
        const workload = model.get('workload', placement.id)
        const network = model.get('network', placement.network)
        const tenant = model.get('tenant', placement.tenant)
        if (!workload || !network || !tenant) return
        yield {
          priority: 100,
          match: { inPort: placement.ofport },
          actions: [
            set(reg.source, workload.key),
            set(reg.network, network.vni),
            ...noteWorkload(workload, tenant),
            goto('spoof-guard'),
          ],
        }
      },
    ),
    rule(
      'tunnel port',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ tunnelPort }) {
        if (tunnelPort === undefined) return
        yield {
          priority: 100,
          match: { inPort: tunnelPort },
          actions: [set(reg.origin, origin.tunnel), goto('tunnel-in')],
        }
      },
    ),
    rule(
      'uplink of a gateway',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ uplinks }, model) {
        for (const [id, port] of Object.entries(uplinks)) {
          const gateway = model.get('gateway', id)
          if (!gateway) continue
          yield {
            priority: 100,
            match: { inPort: port },
            actions: [set(reg.origin, origin.outside), set(reg.gateway, gateway.number), goto('outside')],
          }
        }
      },
    ),
    rule(
      'limits of packets to the controller',
      'cluster',
      () => scope.all,
      function* () {
        for (const { id: meter, packetsPerSecond: rate } of Object.values(meters))
          yield { meter, unit: 'packets', rate, burst: rate }
      },
    ),
    rule(
      'other ports',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [] }
      },
    ),
  ],
)
