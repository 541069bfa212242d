import type { Reads } from '../src/model/reads.js'
import type { PlacementRow, SegmentRow } from '../src/model/rows.js'
import { call, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { copiesOfGot } from './copies.js'
import { origin, reg } from './registers.js'
import { isGuarded, scope } from './scopes.js'
import { copyTo, isOnTrunk, outOfAny } from './trunks.js'
import { tunnelFrom, tunnelTo } from './tunnels.js'

/**
 * A copy for every station of the network here, and one for every other host that has some. A switch never sends a
 * packet back to the port that it came from, so what came by tunnel stays here and the sender gets no copy.
 */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.source, reg.origin, 'tunIpv4Src', 'tunIpv6Src'],
    sets: [reg.destination, 'inPort16', 'vlanVid', 'tunIpv4Dst', 'tunIpv6Dst'],
    next: ['output', 'wire-out', 'tunnel-out'],
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
          const workload = isOnTrunk(sender) ? model.get('workload', sender.id) : undefined
          if (!workload) continue
          const others = stations.filter((station) => station !== sender)
          const copies = others.flatMap((station) => copyFor(station, model, sender.port))
          const match = { [reg.network]: network.vni, [reg.source]: workload.key }
          yield { priority: 110, match, actions: [...copies, ...away] }
        }
      },
    ),
    rule(
      'stations of a network, from its VLAN and onto it',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId, port, relays = [] }, model) {
        const network = model.get('network', networkId)
        if (!network || port === undefined) return
        const at = { [reg.network]: network.vni }
        const here = model.by('placementsBySegment', id).flatMap((station) => copyFor(station, model))
        const tunnels = relays
          .filter((relay) => model.get('segment', `${networkId}@${relay}`))
          .flatMap((relay) => copyThrough(relay, model))
        yield {
          priority: 120,
          match: { ...at, [reg.origin]: origin.wire },
          actions: [...here, ...tunnels],
        }
        yield { priority: 120, match: { ...at, [reg.origin]: origin.tunnel }, actions: here }
        for (const relay of relays) {
          const row = model.get('host', relay)
          if (row)
            yield {
              priority: 130,
              match: { ...at, [reg.origin]: origin.tunnel, ...tunnelFrom(row.tunnelIp) },
              actions: [...here, call('wire-out')],
            }
        }
      },
    ),
  ],
)

/** Where policy concerns the tenant, each copy is judged for its receiver; where mirrors listen, they are to hear of what it gets. */
function copyFor(station: PlacementRow, model: Reads, from?: string): readonly RuleAction[] {
  const { id, tenant, port } = station
  if (!isGuarded(tenant, model) && copiesOfGot(station, model).length === 0)
    return port === from ? outOfAny(copyTo(station)) : copyTo(station)
  const workload = model.get('workload', id)
  return workload ? [set(reg.destination, workload.key), call('output')] : []
}

/** One copy for every other host that has stations of the network, and one for its VLAN. */
function copiesElsewhere({ id, network, host }: SegmentRow, model: Reads): readonly RuleAction[] {
  const others = model.by('hostsOfNetwork', network).filter((other) => other !== host)
  const wire = model.get('wire', id)
  // The host by which the VLAN is reached puts the copy onto it that it has as one of the others.
  const isThere = wire?.via !== undefined && others.includes(wire.via)
  return [
    ...others.flatMap((other) => copyThrough(other, model)),
    ...(wire && !isThere ? [call('wire-out')] : []),
  ]
}

function copyThrough(host: string, model: Reads): readonly RuleAction[] {
  const row = model.get('host', host)
  return row ? [...tunnelTo(row.tunnelIp), call('tunnel-out')] : []
}
