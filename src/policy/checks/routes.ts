/** Where a tenant's router would not know which of two networks an address is in, or who has one that it is to send to. */
import { overlap } from '../address.js'
import type { AnyObject } from '../object.js'
import { compareObjects, describe } from '../object.js'
import { allowancesOf, networksOf, peeringsOf, routesOf, servicesOf } from './links.js'
import type { Others, Problem } from './problem.js'
import { type Reach, reachOf } from './reach.js'
import { viaComplaints } from './route-checks.js'
import { reservedBy, serviceComplaints } from './service-checks.js'

/** The tenants whose routers a change of this object concerns. */
export function* routersOf(object: AnyObject, others: Others): Generator<string> {
  if (object.kind === 'Network') {
    const { tenant } = object.fields
    yield tenant
    for (const { fields } of others.topic('Peering', peeringsOf(tenant))) yield fields.peer
  }
  if (object.kind === 'Route' || object.kind === 'Service') yield object.fields.tenant
  if (object.kind === 'Workload' && object.fields.allowed) yield object.fields.tenant
  if (object.kind === 'Peering') yield* [object.fields.tenant, object.fields.peer]
}

/**
 * Overlaps among a tenant's own routed networks and those of its peers, routes by addresses that they do not have, and
 * virtual addresses that somebody else has.
 */
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
  const services = [...others.topic('Service', servicesOf(tenant))]
  const reserved = reservedBy(services.length > 0 ? others.topic('Workload', allowancesOf(tenant)) : [])
  for (const service of services)
    for (const complaint of serviceComplaints(service, { networks, reaches, reserved }))
      problems.push({ ...complaint, object: service })
  return problems
}

/** CIDR blocks never overlap by halves: in this order the outer block comes before all that lie in it. */
function compareReach(a: Reach, b: Reach): number {
  if (a.block.family !== b.block.family) return a.block.family - b.block.family
  if (a.block.first !== b.block.first) return a.block.first < b.block.first ? -1 : 1
  return a.block.prefix - b.block.prefix || compareObjects(a.network, b.network)
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
