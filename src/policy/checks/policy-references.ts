/** The objects that a policy names. */
import type { Fields } from '../kinds/index.js'
import type { PolicyPeer } from '../kinds/peer.js'
import { objectId, resolveReference } from '../object.js'
import type { Path } from '../text/yaml.js'
import type { Reference } from './reference.js'

export function* policyReferences(fields: Fields['Policy']): Generator<Reference> {
  const { tenant, ingress = [], egress = [] } = fields
  if (tenant !== undefined) yield { id: objectId('Tenant', tenant), path: ['tenant'] }
  for (const [index, { from = [] }] of ingress.entries())
    for (const [n, peer] of from.entries()) yield* peerReferences(tenant, peer, ['ingress', index, 'from', n])
  for (const [index, { to = [] }] of egress.entries())
    for (const [n, peer] of to.entries()) yield* peerReferences(tenant, peer, ['egress', index, 'to', n])
}

function* peerReferences(owner: string | undefined, peer: PolicyPeer, path: Path): Generator<Reference> {
  const { tenant, network, group } = peer
  if (tenant !== undefined) yield { id: objectId('Tenant', tenant), path: [...path, 'tenant'] }
  if (network !== undefined) {
    const id = owner === undefined ? network : resolveReference(owner, network)
    yield { id: objectId('Network', id), path: [...path, 'network'] }
  }
  if (group !== undefined) yield { ...groupReference(owner, group), path: [...path, 'group'] }
}

/** A bare name in a tenant's policy is the tenant's own group, or, where it has none, one of the whole cluster. */
export function groupReference(
  owner: string | undefined,
  group: string,
): Pick<Reference, 'id' | 'otherwise'> {
  const common = objectId('AddressGroup', group)
  if (owner === undefined || group.includes('/')) return { id: common }
  return { id: objectId('AddressGroup', owner, group), otherwise: common }
}
