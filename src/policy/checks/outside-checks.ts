/** Checks of what stands between workloads and the outside. */
import { parseAddress } from '../address.js'
import { isStationOf } from '../kinds/rule.js'
import type { PolicyObject } from '../object.js'
import { describe, objectId, resolveReference } from '../object.js'
import type { Path } from '../text/yaml.js'
import { floatingOfHostComplaints, forwardOfHostComplaints, ofOneHostComplaints } from './gateway-checks.js'
import type { Complaint, Others } from './problem.js'

interface OutsideFields {
  readonly gateway: string
  readonly address?: string | undefined
}

/** Complains of an address that the gateway's subnets do not have. */
function* outsideComplaints({ gateway: name, address }: OutsideFields, others: Others): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  if (gateway === undefined || address === undefined || address === 'host') return
  const field = address.includes(':') ? 'subnet6' : 'subnet'
  const subnet = gateway.fields[field]
  if (subnet !== undefined && isStationOf(subnet, parseAddress(address))) return
  const where = subnet === undefined ? `, which has no ${field}` : ` ${subnet}`
  const message = `address ${address} is not an address of a station at ${describe(gateway.id)}${where}`
  yield {
    code: 'address-outside-subnet',
    path: ['address'],
    message,
    other: { object: gateway, path: [field] },
  }
}

export function* egressComplaints({ fields }: PolicyObject<'Egress'>, others: Others): Generator<Complaint> {
  yield* outsideComplaints(fields, others)
  yield* ofOneHostComplaints(fields, others)
}

export function* floatingIpComplaints(
  floating: PolicyObject<'FloatingIp'>,
  others: Others,
): Generator<Complaint> {
  const { fields } = floating
  const { tenant, workload, address } = fields
  const id = resolveReference(tenant, workload)
  if (id.startsWith(`${tenant}/`)) yield* insideComplaints(id, address, ['workload'], others)
  else {
    const message = `workload ${workload} is of another tenant: a floating address is of a workload of its own`
    yield { code: 'foreign-workload', path: ['workload'], message }
  }
  yield* outsideComplaints(fields, others)
  yield* floatingOfHostComplaints(floating, others)
}

export function* portForwardComplaints(
  forward: PolicyObject<'PortForward'>,
  others: Others,
): Generator<Complaint> {
  const { fields } = forward
  const { tenant, to, address } = fields
  yield* insideComplaints(`${tenant}/${to.workload}`, address, ['to'], others)
  yield* outsideComplaints(fields, others)
  yield* ofOneHostComplaints(fields, others)
  yield* forwardOfHostComplaints(forward, others)
}

/** Complains of a workload that packets for an address outside cannot be sent on to. */
function* insideComplaints(id: string, outside: string, path: Path, others: Others): Generator<Complaint> {
  const workload = others.find('Workload', objectId('Workload', id))
  if (workload === undefined) return
  const { tenant, network: name, ip } = workload.fields
  const network = others.find('Network', objectId('Network', resolveReference(tenant, name)))
  if (network === undefined) return
  if (!network.fields.routed) {
    const message = `${describe(workload.id)} is in ${describe(network.id)}, which is not routed`
    yield { code: 'not-routed', path, message, other: { object: network, path: ['routed'] } }
  }
  const version = outside.includes(':') ? 6 : 4
  const subnet = network.fields[version === 6 ? 'subnet6' : 'subnet']
  const has = ip ? ip.some((own) => own.includes(':') === outside.includes(':')) : subnet !== undefined
  if (has) return
  const message = `${describe(workload.id)} has no IPv${version} address, as ${outside} is`
  yield { code: 'wrong-family', path, message, other: { object: workload, path: ['ip'] } }
}
