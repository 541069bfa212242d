/** What routes refer to, and whether that can take their packets on. */
import { type Address, parseAddress } from '../address.js'
import { gatewayOf } from '../defaults.js'
import type { Fields } from '../kinds/index.js'
import type { Hop } from '../kinds/route.js'
import { isStationOf } from '../kinds/rule.js'
import type { PolicyObject } from '../object.js'
import { describe, objectId, resolveReference } from '../object.js'
import type { Path } from '../text/yaml.js'
import type { Complaint, Others } from './problem.js'
import type { Reference } from './reference.js'

type RouteFields = Fields['Route']
type Network = PolicyObject<'Network'>

/** Who takes a route's packets on; nobody: they are dropped. */
export function hopsOf({ via = [], gateway }: RouteFields): readonly Hop[] {
  return gateway === undefined ? via : [{ kind: 'gateway', name: gateway }]
}

/** The hops of a route with the place of each. */
function* placed(fields: RouteFields): Generator<readonly [hop: Hop, path: Path]> {
  const hops = hopsOf(fields)
  for (const [index, hop] of hops.entries())
    yield [hop, fields.gateway !== undefined ? ['gateway'] : hops.length > 1 ? ['via', index] : ['via']]
}

export function* routeReferences(fields: RouteFields): Generator<Reference> {
  for (const [{ kind, name }, path] of placed(fields)) {
    if (kind === 'workload') yield { id: objectId('Workload', resolveReference(fields.tenant, name)), path }
    if (kind === 'gateway') yield { id: objectId('Gateway', name), path }
  }
}

/** Complains of workloads and gateways; addresses are {@link viaComplaints}' matter. */
export function* routeComplaints({ fields }: PolicyObject<'Route'>, others: Others): Generator<Complaint> {
  const { tenant, to } = fields
  for (const [{ kind, name }, path] of placed(fields)) {
    if (kind === 'gateway') yield* gatewayComplaints(name, to, path, others)
    if (kind !== 'workload') continue
    const id = resolveReference(tenant, name)
    if (id.startsWith(`${tenant}/`)) yield* workloadComplaints(id, to, path, others)
    else {
      const message = `workload ${name} is of another tenant: a route is by a workload of its own`
      yield { code: 'foreign-workload', path, message }
    }
  }
}

function* gatewayComplaints(name: string, to: string, path: Path, others: Others): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  const field = subnetField(to)
  if (gateway === undefined || gateway.fields[field] !== undefined) return
  const message = `${describe(gateway.id)} has no ${field}, as to ${to} wants`
  yield { code: 'wrong-family', path, message, other: { object: gateway, path: ['name'] } }
}

function* workloadComplaints(id: string, to: string, path: Path, others: Others): Generator<Complaint> {
  const workload = others.find('Workload', objectId('Workload', id))
  const network =
    workload &&
    others.find(
      'Network',
      objectId('Network', resolveReference(workload.fields.tenant, workload.fields.network)),
    )
  if (network === undefined) return
  const where = `${describe(workload?.id ?? '')} is in ${describe(network.id)}`
  const field = subnetField(to)
  if (!network.fields.routed) {
    const message = `${where}, which is not routed`
    yield { code: 'not-routed', path, message, other: { object: network, path: ['routed'] } }
  } else if (network.fields[field] === undefined) {
    const message = `${where}, which has no ${field}, as to ${to} wants`
    yield { code: 'wrong-family', path, message, other: { object: network, path: ['name'] } }
  }
}

/** Complains of addresses that no station of a routed network of the tenant can have. */
export function* viaComplaints(
  { fields }: PolicyObject<'Route'>,
  networks: readonly Network[],
): Generator<Complaint> {
  for (const [{ kind, name }, path] of placed(fields)) {
    const address = kind === 'address' ? parseAddress(name) : undefined
    if (address === undefined) continue
    if (name.includes(':') !== fields.to.includes(':')) {
      const message = `via ${name} is of another IP version than to ${fields.to}`
      yield { code: 'wrong-family', path, message }
      continue
    }
    const network = networks.find((each) => each.fields.routed && isIn(each, address))
    const family = address.family === 6 ? '6' : ''
    if (network === undefined) {
      const message = `via ${name} is not an address of a station in a routed network of tenant ${fields.tenant}`
      yield { code: 'address-outside-subnet', path, message }
    } else if (name === gatewayOf(network.fields, family)) {
      const message = `via ${name} is the gateway of ${describe(network.id)}: the router itself`
      yield {
        code: 'duplicate-address',
        path,
        message,
        other: { object: network, path: [`gateway${family}`] },
      }
    }
  }
}

function isIn({ fields }: Network, address: Address): boolean {
  const subnet = fields[address.family === 6 ? 'subnet6' : 'subnet']
  return subnet !== undefined && isStationOf(subnet, address)
}

function subnetField(block: string): 'subnet' | 'subnet6' {
  return block.includes(':') ? 'subnet6' : 'subnet'
}
