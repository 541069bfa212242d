/** Checks of one object against those it refers to: what its own schema cannot know. */
import { parseAddress } from '../address.js'
import { gatewayOf } from '../defaults.js'
import { isStationOf } from '../kinds/rule.js'
import type { AnyObject, ByKind, PolicyObject } from '../object.js'
import { describe, dispatch, objectId, resolveReference } from '../object.js'
import { gatewayComplaints } from './gateway-checks.js'
import { egressComplaints, floatingIpComplaints, portForwardComplaints } from './outside-checks.js'
import type { Complaint, Others, Problem } from './problem.js'
import { routeComplaints } from './route-checks.js'
import { trunkComplaints } from './trunk-checks.js'

const none = () => []

const checks: ByKind<(others: Others) => Iterable<Complaint>> = {
  Cluster: () => none,
  Host: () => none,
  Tenant: () => none,
  Network: () => none,
  Workload: (workload) => (others) => workloadComplaints(workload, others),
  Policy: () => none,
  AddressGroup: () => none,
  Gateway: (gateway) => (others) => gatewayComplaints(gateway, others),
  Egress: (egress) => (others) => egressComplaints(egress, others),
  FloatingIp: (floating) => (others) => floatingIpComplaints(floating, others),
  PortForward: (forward) => (others) => portForwardComplaints(forward, others),
  Peering: (peering) => () => peeringComplaints(peering),
  Route: (route) => (others) => routeComplaints(route, others),
  Bandwidth: () => none,
  Mirror: (mirror) => () => mirrorComplaints(mirror),
  Service: () => none,
  Lab: () => none,
}

/** What is wrong with an object, apart from missing references, double claims and overlapping routes. */
export function check(object: AnyObject, others: Others): readonly Problem[] {
  return [...dispatch(checks, object)(others)].map((complaint) => ({ ...complaint, object }))
}

function* workloadComplaints(workload: PolicyObject<'Workload'>, others: Others): Generator<Complaint> {
  const { tenant, network: name, ip = [] } = workload.fields
  const id = resolveReference(tenant, name)
  if (!id.startsWith(`${tenant}/`)) {
    const message = `network ${name} is of another tenant: a workload sits in a network of its own`
    yield { code: 'foreign-network', path: ['network'], message }
    return
  }
  yield* trunkComplaints(workload, others)
  const network = others.find('Network', objectId('Network', id))
  if (network === undefined) return
  for (const [index, entry] of (workload.fields.allowed ?? []).entries()) {
    const family = entry.ip.includes(':') ? '6' : ''
    if (entry.ip !== gatewayOf(network.fields, family)) continue
    const message = `allowed ${entry.ip} is the gateway of ${describe(network.id)}`
    const other = { object: network, path: [`gateway${family}`] }
    yield { code: 'duplicate-address', path: ['allowed', index], message, other }
  }
  for (const [index, text] of ip.entries()) {
    const address = parseAddress(text)
    const family = address?.family === 6 ? '6' : ''
    const subnet = network.fields[`subnet${family}`]
    const path = ['ip', index]
    if (subnet === undefined || !isStationOf(subnet, address)) {
      const where = subnet === undefined ? `, which has no subnet${family}` : ` ${subnet}`
      const message = `ip ${text} is not an address of a station in ${describe(network.id)}${where}`
      const other = { object: network, path: [`subnet${family}`] }
      yield { code: 'address-outside-subnet', path, message, other }
    } else if (text === gatewayOf(network.fields, family)) {
      const message = `ip ${text} is the gateway of ${describe(network.id)}`
      yield {
        code: 'duplicate-address',
        path,
        message,
        other: { object: network, path: [`gateway${family}`] },
      }
    }
  }
}

function* peeringComplaints({ fields }: PolicyObject<'Peering'>): Generator<Complaint> {
  const { tenant, peer, networks = [] } = fields
  if (tenant === peer) {
    yield { code: 'self-peering', path: ['peer'], message: `tenant ${tenant} peers with itself` }
  }
  for (const [index, network] of networks.entries()) {
    if (resolveReference(tenant, network).startsWith(`${tenant}/`)) continue
    const message = `network ${network} is not of tenant ${tenant}: its own tenant names it in its own Peering`
    yield { code: 'foreign-network', path: ['networks', index], message }
  }
}

function* mirrorComplaints({ fields: { tenant, to } }: PolicyObject<'Mirror'>): Generator<Complaint> {
  if (resolveReference(tenant, to).startsWith(`${tenant}/`)) return
  const message = `workload ${to} is of another tenant: copies go to a workload of tenant ${tenant}, whose packets they are`
  yield { code: 'foreign-workload', path: ['to'], message }
}
