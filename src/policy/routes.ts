/** Where a tenant's router would not know which of two networks an address is in, or who has one that it is to send to. */
import type { Block } from './address.js'
import { overlap, parseBlock } from './address.js'
import { networksOf, peeringsOf, routesOf } from './links.js'
import type { AnyObject, PolicyObject } from './object.js'
import { compareObjects, describe, resolveReference } from './object.js'
import type { Others, Problem } from './problem.js'
import { viaComplaints } from './route-checks.js'

type Network = PolicyObject<'Network'>
type Peering = PolicyObject<'Peering'>

/** A subnet that the router of a tenant reaches, by a peering where it is another tenant's. */
interface Reach {
  readonly network: Network
  readonly field: 'subnet' | 'subnet6'
  readonly block: Block
  readonly peering?: Peering
}

/** The tenants whose routers a change of this object concerns. */
export function* routersOf(object: AnyObject, others: Others): Generator<string> {
  if (object.kind === 'Network') {
    const { tenant } = object.fields
    yield tenant
    for (const { fields } of others.topic('Peering', peeringsOf(tenant))) yield fields.peer
  }
  if (object.kind === 'Route') yield object.fields.tenant
  if (object.kind === 'Peering') yield* [object.fields.tenant, object.fields.peer]
}

/** Overlaps among a tenant's own routed networks and those of its peers, and routes by addresses that they do not have. */
export function routeProblems(tenant: string, others: Others): readonly Problem[] {
  const reaches = [...reachOf(tenant, others)].sort(compareReach)
  const problems: Problem[] = []
  let outer: Reach | undefined
  for (const inner of reaches) {
    if (outer !== undefined && overlap(outer.block, inner.block)) problems.push(...clash(outer, inner))
    else outer = inner
  }
  const networks = [...others.topic('Network', networksOf(tenant))]
  for (const route of others.topic('Route', routesOf(tenant)))
    for (const complaint of viaComplaints(route, networks)) problems.push({ ...complaint, object: route })
  return problems
}

/** CIDR blocks never overlap by halves: in this order the outer block comes before all that lie in it. */
function compareReach(a: Reach, b: Reach): number {
  if (a.block.family !== b.block.family) return a.block.family - b.block.family
  if (a.block.first !== b.block.first) return a.block.first < b.block.first ? -1 : 1
  return a.block.prefix - b.block.prefix || compareObjects(a.network, b.network)
}

function* reachOf(tenant: string, others: Others): Generator<Reach> {
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
  return networks?.some((name) => resolveReference(tenant, name) === network.id.slice(8)) ?? true
}

function* blocksOf(network: Network, peering?: Peering): Generator<Reach> {
  if (!network.fields.routed) return
  for (const field of ['subnet', 'subnet6'] as const) {
    const block = parseBlock(network.fields[field] ?? '')
    if (block !== undefined) yield { network, field, block, ...(peering && { peering }) }
  }
}

function* clash(a: Reach, b: Reach): Generator<Problem> {
  if (a.network.id === b.network.id) return
  for (const [one, two] of [
    [a, b],
    [b, a],
  ] as const) {
    const [ours, theirs] = [one.network.fields[one.field], two.network.fields[two.field]]
    const overlaps = `${one.field} ${ours} overlaps ${two.field} ${theirs} of ${describe(two.network.id)}`
    const other = { object: two.network, path: [two.field] }
    if (a.peering === undefined && b.peering === undefined) {
      yield { object: one.network, path: [one.field], code: 'overlapping-subnets', message: overlaps, other }
    } else if (one.peering !== undefined) {
      const message = `peer ${one.peering.fields.peer} cannot be routed: ${overlaps}`
      yield { object: one.peering, path: ['peer'], code: 'overlapping-peers', message, other }
    }
  }
}
