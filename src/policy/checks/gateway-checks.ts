/** Checks of gateways against their hosts: whose bridge theirs is, and what uses a host's own address. */
import { hostAddressesOf } from '../host-address.js'
import type { PolicyObject } from '../object.js'
import { describe, objectId } from '../object.js'
import type { Complaint, Others } from './problem.js'

/** A host with the address that it has itself outside, at a gateway that uses it. */
interface Owner {
  readonly host: PolicyObject<'Host'>
  readonly own: string
}

/** The hosts of a gateway with `address: host` that have an address there, as far as the files tell. */
function ownersOf({ fields }: PolicyObject<'Gateway'>, others: Others): readonly Owner[] {
  const addresses = hostAddressesOf(fields, (id) => others.find('Host', id)) ?? {}
  return Object.entries(addresses).flatMap(([name, own]) => {
    const host = others.find('Host', objectId('Host', name))
    return host ? [{ host, own }] : []
  })
}

/** Complains of a bridge that is not the operator's, and of an address of the host's that cannot be used. */
export function* gatewayComplaints(gateway: PolicyObject<'Gateway'>, others: Others): Generator<Complaint> {
  yield* bridgeComplaints(gateway, others)
  yield* hostAddressComplaints(gateway, others)
}

function* bridgeComplaints(
  { fields: { bridge, hosts } }: PolicyObject<'Gateway'>,
  others: Others,
): Generator<Complaint> {
  for (const name of hosts) {
    const host = others.find('Host', objectId('Host', name))
    if (host?.fields.bridge !== bridge) continue
    const message = `bridge ${bridge} is the one that the controller owns on ${describe(host.id)}: a gateway needs one that the operator has prepared`
    yield { code: 'bad-value', path: ['bridge'], message, other: { object: host, path: ['bridge'] } }
  }
}

function* hostAddressComplaints(gateway: PolicyObject<'Gateway'>, others: Others): Generator<Complaint> {
  const { address, subnet, hosts, pool = [], nextHop } = gateway.fields
  if (address !== 'host' || subnet === undefined) return
  const owners = ownersOf(gateway, others)
  for (const [index, name] of hosts.entries()) {
    const host = others.find('Host', objectId('Host', name))
    if (host === undefined) continue
    const path = ['hosts', index]
    if (host.fields.openflow !== undefined) {
      const message = `address host needs the switches of ${describe(host.id)} to dial the controller`
      yield { code: 'bad-value', path, message, other: { object: host, path: ['openflow'] } }
    }
    const own = owners.find((owner) => owner.host === host)?.own
    const first = owners.find((owner) => owner.own === own)?.host
    if (own === undefined) {
      const message = `address host: no address that ${describe(host.id)} is known to have is of a station in ${subnet}; its addresses can say which one it has there`
      yield { code: 'unknown-address', path, message, other: { object: host, path: ['tunnelIp'] } }
    } else if (first !== undefined && first !== host) {
      const message = `address host: ${describe(host.id)} has the address ${own}, as ${describe(first.id)} has`
      yield { code: 'duplicate-address', path, message, other: { object: first, path: ['tunnelIp'] } }
    } else if (own === nextHop || pool.includes(own)) {
      const path = own === nextHop ? ['nextHop'] : ['pool', pool.indexOf(own)]
      const message = `${own === nextHop ? 'nextHop' : 'pool address'} ${own} is the host's own address`
      yield { code: 'duplicate-address', path, message }
    }
  }
}

/** Complains of an address by name that is of one host, where another may carry the gateway. */
export function* ofOneHostComplaints(
  { gateway: name, address }: { readonly gateway: string; readonly address?: string | undefined },
  others: Others,
): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  if (gateway === undefined || gateway.fields.hosts.length < 2) return
  const owner = ownersOf(gateway, others).find(({ own }) => own === address)
  if (owner === undefined) return
  const message = `address ${address} is of ${describe(owner.host.id)} alone, and others may carry ${describe(gateway.id)}: a forward says host, an egress nothing`
  yield { code: 'bad-value', path: ['address'], message, other: { object: gateway, path: ['hosts'] } }
}

/** UDP ports that tunnels end at (RFC 8926, RFC 7348). */
const tunnelPorts = [6081, 4789]

/** Complains of a forward at hosts' addresses where there are none, or that takes from a host what it cannot be without. */
export function* forwardOfHostComplaints(
  { fields: { gateway: name, address, port } }: PolicyObject<'PortForward'>,
  others: Others,
): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  if (gateway === undefined) return
  if (address === 'host' && gateway.fields.address !== 'host') {
    const message = `address host is of a gateway with address: host, which ${describe(gateway.id)} is not`
    const other = { object: gateway, path: gateway.fields.address === undefined ? ['name'] : ['address'] }
    yield { code: 'bad-value', path: ['address'], message, other }
    return
  }
  const owners = ownersOf(gateway, others).filter(({ own }) => address === 'host' || own === address)
  if (owners.length === 0) return
  const path = ['port']
  const text = `${port.protocol}/${port.port}`
  if (port.protocol === 'sctp') {
    const message = `port ${text} is of the host's own address, which only tcp and udp share`
    yield { code: 'bad-port', path, message, other: { object: gateway, path: ['address'] } }
  }
  for (const { host, own } of owners) {
    const { ovsdb, tunnelIp } = host.fields
    if (port.protocol === 'tcp' && /^(tcp|ssl):/.test(ovsdb) && ovsdb.endsWith(`${own}:${port.port}`)) {
      const message = `port ${text} of ${own} is that of the database of ${describe(host.id)}`
      yield { code: 'duplicate-port', path, message, other: { object: host, path: ['ovsdb'] } }
    } else if (port.protocol === 'udp' && tunnelIp === own && tunnelPorts.includes(port.port)) {
      const message = `port ${text} of ${own} is that of the tunnels of ${describe(host.id)}`
      yield { code: 'duplicate-port', path, message, other: { object: host, path: ['tunnelIp'] } }
    }
  }
}

/** Complains of a floating address that is a host's own. */
export function* floatingOfHostComplaints(
  { fields: { gateway: name, address } }: PolicyObject<'FloatingIp'>,
  others: Others,
): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  if (gateway === undefined || !ownersOf(gateway, others).some(({ own }) => own === address)) return
  const message = `address ${address} is also of ${describe(gateway.id)}, whose host has it`
  yield {
    code: 'duplicate-address',
    path: ['address'],
    message,
    other: { object: gateway, path: ['address'] },
  }
}
