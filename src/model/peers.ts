import type { Reads } from './reads.js'
import type { NetworkRow, PeeringRow } from './rows.js'

/** A tenant to which another is routed, seen from that other. */
export interface Peer {
  readonly tenant: string
  /** This tenant's networks that take part. */
  readonly ours: readonly NetworkRow[]
  readonly theirs: readonly NetworkRow[]
}

/** The tenants with which a tenant peers: both sides consent. Of several peerings with one tenant all count. */
export function* peersOf(tenant: string, reads: Reads): Generator<Peer> {
  const consents = reads.by('peeringsByTenant', tenant)
  for (const peer of new Set(consents.map((consent) => consent.peer))) {
    const ours = consents.filter((consent) => consent.peer === peer)
    const theirs = reads.by('peeringsByTenant', peer).filter((consent) => consent.peer === tenant)
    if (theirs.length > 0)
      yield { tenant: peer, ours: shared(tenant, ours, reads), theirs: shared(peer, theirs, reads) }
  }
}

/** The networks that a tenant's peerings open to the other side. */
function shared(tenant: string, peerings: readonly PeeringRow[], reads: Reads): readonly NetworkRow[] {
  return reads
    .by('networksByTenant', tenant)
    .filter(({ routed, name }) => routed && peerings.some(({ networks }) => networks?.includes(name) ?? true))
}
