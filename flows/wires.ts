import type { Reads } from '../src/model/reads.js'
import type { PlacementRow } from '../src/model/rows.js'
import { scope } from './scopes.js'

/** Priorities above all that is not about what comes from a VLAN. */
export const fromWire = { router: 1500, station: 1000, rest: 900 } as const

/** Where a workload is reached from the VLAN of its network: at its own host, or at the one by which that reaches the VLAN. */
export function wireScope({ network, host }: PlacementRow, reads: Reads): string | undefined {
  const wire = reads.get('wire', `${network}@${host}`)
  return wire && scope.host(wire.via ?? host)
}
