/** The subnets that a tenant's router reaches. */
import { type Block, parseBlock } from '../address.js'
import { objectId, type PolicyObject, resolveReference } from '../object.js'
import { networksOf, peeringsOf } from './links.js'
import type { Others } from './problem.js'

type Network = PolicyObject<'Network'>
type Peering = PolicyObject<'Peering'>

/** A subnet that the router of a tenant reaches, by a peering where it is another tenant's. */
export interface Reach {
  readonly network: Network
  readonly field: 'subnet' | 'subnet6'
  readonly block: Block
  readonly peering?: Peering
}

/** Every subnet that the router of a tenant reaches. */
export function* reachOf(tenant: string, others: Others): Generator<Reach> {
  for (const network of others.topic('Network', networksOf(tenant))) yield* blocksOf(network)
  const met = new Set<string>()
  for (const peering of others.topic('Peering', peeringsOf(tenant))) {
    const { peer } = peering.fields
    if (peer === tenant || met.has(peer)) continue
    met.add(peer)
    const consents = [...others.topic('Peering', peeringsOf(peer))].filter(
      ({ fields }) => fields.peer === tenant,
    )
    for (const network of others.topic('Network', networksOf(peer))) {
      if (consents.some((consent) => takesPart(network, consent))) yield* blocksOf(network, peering)
    }
  }
}

function takesPart(network: Network, { fields: { tenant, networks } }: Peering): boolean {
  return networks?.some((name) => objectId('Network', resolveReference(tenant, name)) === network.id) ?? true
}

function* blocksOf(network: Network, peering?: Peering): Generator<Reach> {
  if (!network.fields.routed) return
  for (const field of ['subnet', 'subnet6'] as const) {
    const block = parseBlock(network.fields[field] ?? '')
    if (block !== undefined) yield { network, field, block, ...(peering && { peering }) }
  }
}
