import type { Reads } from '../src/model/reads.js'
import type { PlacementRow, WireRow, WorkloadRow } from '../src/model/rows.js'

/** Priorities above all that is not about what comes from a VLAN. */
export const fromWire = { router: 1500, station: 1000, rest: 900 } as const

/** The network's workloads that are reached from its VLAN by this host: its own, and those of hosts without the bridge. */
export function workloadsBehind(
  { network, host, relays = [] }: WireRow,
  reads: Reads,
): readonly WorkloadRow[] {
  return [host, ...relays].flatMap((each) =>
    placementsOf(network, each, reads).flatMap(({ id }) => reads.get('workload', id) ?? []),
  )
}

function placementsOf(network: string, host: string, reads: Reads): readonly PlacementRow[] {
  return reads.by('placementsBySegment', `${network}@${host}`)
}
