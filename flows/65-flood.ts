import type { Reads } from '../src/model/reads.js'
import type { PlacementRow, SegmentRow } from '../src/model/rows.js'
import { call, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'
import { copyTo, isOnTrunk, outOfAny } from './trunks.js'
import { tunnelTo } from './tunnels.js'

/**
 * A copy for every station of the network here, and one for every other host that has some. A switch never sends a
 * packet back to the port that it came from, so what came by tunnel stays here and the sender gets no copy.
 */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.source],
    sets: [reg.destination, 'inPort16', 'vlanVid', 'tunIpv4Dst', 'tunIpv6Dst'],
    next: ['output', 'tunnel-out'],
  },
  [
    rule(
      'stations of a network',
      'segment',
      ({ host }) => scope.host(host),
      function* (segment, model) {
        const network = model.get('network', segment.network)
        if (!network) return
        const stations = model.by('placementsBySegment', segment.id)
        const away = copiesElsewhere(segment, model)
        const copies = stations.flatMap((station) => copyFor(station, model))
        yield { priority: 100, match: { [reg.network]: network.vni }, actions: [...copies, ...away] }
        for (const sender of stations) {
          const workload = isOnTrunk(sender, model) ? model.get('workload', sender.id) : undefined
          if (!workload) continue
          const others = stations.filter((station) => station !== sender)
          const copies = others.flatMap((station) => copyFor(station, model, sender.port))
          const match = { [reg.network]: network.vni, [reg.source]: workload.key }
          yield { priority: 110, match, actions: [...copies, ...away] }
        }
      },
    ),
  ],
)

/** Where policy concerns the tenant, each copy is judged for its receiver. */
function copyFor(station: PlacementRow, model: Reads, from?: string): readonly RuleAction[] {
  const { id, tenant, port } = station
  if (!isGuarded(tenant, model)) return port === from ? outOfAny(copyTo(station)) : copyTo(station)
  const workload = model.get('workload', id)
  return workload ? [set(reg.destination, workload.key), call('output')] : []
}

/** One copy for every other host that has stations of the network. */
function copiesElsewhere({ network, host }: SegmentRow, model: Reads): readonly RuleAction[] {
  return model.by('hostsOfNetwork', network).flatMap((other) => {
    const row = other === host ? undefined : model.get('host', other)
    return row ? [...tunnelTo(row.tunnelIp), call('tunnel-out')] : []
  })
}
