import type { Reads } from './reads.js'
import type { NetworkRow, PeeringRow } from './rows.js'

/** A peering in force, seen from one tenant. */
export interface Peer {
  readonly tenant: string
  /** This tenant's networks that take part; `everything` where the peering names none. */
  readonly ours: readonly NetworkRow[]
  readonly theirs: readonly NetworkRow[]
}

/** The peerings of a tenant that both sides have consented to. */
export function* peersOf(tenant: string, reads: Reads): Generator<Peer> {
  for (const peering of reads.by('peeringsByTenant', tenant)) {
    const consent = reads.by('peeringsByTenant', peering.peer).find(({ peer }) => peer === tenant)
    if (consent) yield { tenant: peering.peer, ours: shared(peering, reads), theirs: shared(consent, reads) }
  }
}

/** The networks that a peering opens to the other side. */
function shared(peering: PeeringRow, reads: Reads): readonly NetworkRow[] {
  return reads
    .by('networksByTenant', peering.tenant)
    .filter(({ routed, name }) => routed && (peering.networks?.includes(name) ?? true))
}
