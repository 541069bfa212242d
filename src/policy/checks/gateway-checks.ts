/** Checks of gateways against their hosts: whose bridge theirs is, and what uses a host's own address. */
import { gatewayAddress } from '../host-address.js'
import type { PolicyObject } from '../object.js'
import { describe, objectId } from '../object.js'
import type { Complaint, Others } from './problem.js'

/** The IPv4 address of a gateway outside, as far as the files tell. */
export function addressOf({ fields }: PolicyObject<'Gateway'>, others: Others): string | undefined {
  return gatewayAddress(fields, (id) => others.find('Host', id))
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
  const [name] = hosts
  const host = name === undefined ? undefined : others.find('Host', objectId('Host', name))
  if (address !== 'host' || host === undefined || subnet === undefined) return
  const path = ['address']
  if (host.fields.openflow !== undefined) {
    const message = `address host needs the switches of ${describe(host.id)} to dial the controller`
    yield { code: 'bad-value', path, message, other: { object: host, path: ['openflow'] } }
  }
  const own = addressOf(gateway, others)
  if (own === undefined) {
    const message = `address host: no address that ${describe(host.id)} is known to have is of a station in ${subnet}; its addresses can say which one it has there`
    yield { code: 'unknown-address', path, message, other: { object: host, path: ['tunnelIp'] } }
  } else if (own === nextHop || pool.includes(own)) {
    const path = own === nextHop ? ['nextHop'] : ['pool', pool.indexOf(own)]
    const message = `${own === nextHop ? 'nextHop' : 'pool address'} ${own} is the host's own address`
    yield { code: 'duplicate-address', path, message }
  }
}

/** UDP ports that tunnels end at (RFC 8926, RFC 7348). */
const tunnelPorts = [6081, 4789]

/** Complains of a forward that would take from a host what it cannot be without. */
export function* forwardOfHostComplaints(
  { fields: { gateway: name, address, port } }: PolicyObject<'PortForward'>,
  others: Others,
): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  if (gateway?.fields.address !== 'host' || addressOf(gateway, others) !== address) return
  const [of = ''] = gateway.fields.hosts
  const host = others.find('Host', objectId('Host', of))
  if (host === undefined) return
  const path = ['port']
  const { ovsdb, tunnelIp } = host.fields
  const text = `${port.protocol}/${port.port}`
  if (port.protocol === 'sctp') {
    const message = `port ${text} is of the host's own address, which only tcp and udp share`
    yield { code: 'bad-port', path, message, other: { object: gateway, path: ['address'] } }
  } else if (
    port.protocol === 'tcp' &&
    /^(tcp|ssl):/.test(ovsdb) &&
    ovsdb.endsWith(`${address}:${port.port}`)
  ) {
    const message = `port ${text} of ${address} is that of the database of ${describe(host.id)}`
    yield { code: 'duplicate-port', path, message, other: { object: host, path: ['ovsdb'] } }
  } else if (port.protocol === 'udp' && tunnelIp === address && tunnelPorts.includes(port.port)) {
    const message = `port ${text} of ${address} is that of the tunnels of ${describe(host.id)}`
    yield { code: 'duplicate-port', path, message, other: { object: host, path: ['tunnelIp'] } }
  }
}

/** Complains of a floating address that is a host's own. */
export function* floatingOfHostComplaints(
  { fields: { gateway: name, address } }: PolicyObject<'FloatingIp'>,
  others: Others,
): Generator<Complaint> {
  const gateway = others.find('Gateway', objectId('Gateway', name))
  if (gateway?.fields.address !== 'host' || addressOf(gateway, others) !== address) return
  const message = `address ${address} is also of ${describe(gateway.id)}, whose host has it`
  yield {
    code: 'duplicate-address',
    path: ['address'],
    message,
    other: { object: gateway, path: ['address'] },
  }
}
