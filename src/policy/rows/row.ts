/** One object to its row of the model: defaults, allocations and references filled in. */
import { domainOf } from '../../model/domain-names.js'
import type { Labels, NetworkDhcp } from '../../model/rows.js'
import { formatAddress, formedAddress, parseBlock } from '../address.js'
import { gatewayOf } from '../defaults.js'
import { defaultPorts, hostAddressesOf } from '../host-address.js'
import type { Dhcp } from '../kinds/dhcp.js'
import type { AnyObject, ByKind, PolicyObject } from '../object.js'
import { dispatch, resolveReference } from '../object.js'
import { present } from '../present.js'
import { bandwidthRow } from './bandwidth-row.js'
import { type Built, Exhausted, type Surroundings } from './built.js'
import { mirrorRow } from './mirror-row.js'
import { egressRow, floatingIpRow, portForwardRow } from './outside-rows.js'
import { policyRow } from './policy-row.js'
import { routeRow } from './route-row.js'
import { serviceRow } from './service-row.js'

const builders: ByKind<(surroundings: Surroundings) => Built> = {
  Cluster: () => () => undefined,
  Lab: () => () => undefined,
  Host: (object) => () => {
    const { kind: _kind, name, ...fields } = object.fields
    return { table: 'host', id: name, row: { id: name, ...present(fields) } }
  },
  Tenant: (object) => (around) => {
    const number = around.allocations.number('number', object.id)
    if (number === undefined)
      return new Exhausted(['name'], 'no number is left for another tenant or gateway')
    return {
      table: 'tenant',
      id: object.name,
      row: { id: object.name, number, labels: object.fields.labels },
    }
  },
  Network: (object) => (around) => networkRow(object, around),
  Workload: (object) => (around) => workloadRow(object, around),
  Policy: (object) => (around) => policyRow(object, around),
  AddressGroup: (object) => () => {
    const { tenant, name, addresses } = object.fields
    const id = tenant === undefined ? name : `${tenant}/${name}`
    const row = { id, ...present({ tenant }), addresses: [...new Set(addresses)].sort() }
    return { table: 'addressGroup', id, row }
  },
  Gateway: (object) => (around) => gatewayRow(object, around),
  Egress: (object) => (around) => egressRow(object, around),
  FloatingIp: (object) => (around) => floatingIpRow(object, around),
  PortForward: (object) => (around) => portForwardRow(object, around),
  Bandwidth: (object) => (around) => bandwidthRow(object, around),
  Mirror: (object) => (around) => mirrorRow(object, around),
  Route: (object) => (around) => routeRow(object, around),
  Service: (object) => (around) => serviceRow(object, around),
  Peering: (object) => () => {
    const { tenant, name, peer, networks } = object.fields
    const id = `${tenant}/${name}`
    const names = networks?.map((network) => resolveReference(tenant, network).slice(tenant.length + 1))
    return { table: 'peering', id, row: { id, tenant, peer, ...present({ networks: names }) } }
  },
}

/** The row of an object; undefined for kinds that make none by themselves. */
export function rowOf(object: AnyObject, surroundings: Surroundings): Built {
  return dispatch(builders, object)(surroundings)
}

function networkRow({ id: owner, fields }: PolicyObject<'Network'>, around: Surroundings): Built {
  const { tenant, name, subnet, subnet6, routed, dhcp, discover, vlan } = fields
  const id = `${tenant}/${name}`
  const vni = fields.vni ?? around.allocations.number('vni', owner)
  if (vni === undefined) return new Exhausted(['name'], 'no vni is left for another network')
  const addresses = { subnet, subnet6, gateway: gatewayOf(fields, ''), gateway6: gatewayOf(fields, '6') }
  const mtu = fields.mtu ?? around.mtu
  const row = {
    ...{ id, tenant, name, vni, ...present(addresses), mtu, routed },
    ...(dhcp && { dhcp: dhcpOf(fields, dhcp) }),
    ...(discover && { discover }),
    ...present({ vlan }),
  }
  return { table: 'network', id, row }
}

/** What a network hands out, with what its file leaves out. Its router knows the names of workloads. */
function dhcpOf(fields: PolicyObject<'Network'>['fields'], dhcp: Dhcp): NetworkDhcp {
  const routers = fields.routed ? [gatewayOf(fields, ''), gatewayOf(fields, '6')] : []
  const {
    range,
    dns = routers.filter((address) => address !== undefined),
    domain = domainOf(fields),
    lease,
  } = dhcp
  return { ...present({ range }), dns, domain, lease }
}

function workloadRow({ id: owner, fields }: PolicyObject<'Workload'>, around: Surroundings): Built {
  const { tenant, name, labels }: { tenant: string; name: string; labels: Labels } = fields
  const id = `${tenant}/${name}`
  const network = resolveReference(tenant, fields.network)
  const key = around.allocations.number('key', owner)
  if (key === undefined) return new Exhausted(['name'], 'no key is left for another workload')
  const mac = fields.mac ?? around.allocations.mac(owner)
  if (mac === undefined) return new Exhausted(['mac'], 'no MAC address is left for another workload')
  const addresses = fields.ip ?? allocatedAddresses({ owner, mac, network }, around)
  if (addresses instanceof Exhausted) return addresses
  const iface = fields.interface ?? id
  const allowed = fields.allowed?.map((entry) => ({ ip: entry.ip, mac: entry.mac ?? mac }))
  const { parent, tag } = fields
  const trunk =
    parent === undefined || tag === undefined ? undefined : { parent: resolveReference(tenant, parent), tag }
  const own = { id, tenant, name, network, mac, addresses, interface: iface, key, labels }
  const row = { ...own, ...present({ allowed, trunk }) }
  return { table: 'workload', id, row }
}

/** One address of each subnet of the network. */
function allocatedAddresses(
  { owner, mac, network }: { readonly owner: string; readonly mac: string; readonly network: string },
  around: Surroundings,
): string[] | Exhausted {
  const subnets = around.network(network)?.fields
  const addresses: string[] = []
  for (const family of [4, 6] as const) {
    const subnet = subnets?.[family === 4 ? 'subnet' : 'subnet6']
    const block = subnet === undefined ? undefined : parseBlock(subnet)
    if (block === undefined) continue
    if (family === 6 && subnets?.slaac) {
      addresses.push(formatAddress(formedAddress(block, mac)))
      continue
    }
    const value = around.allocations.address(network, family, owner)
    if (value === undefined) {
      const range = subnets?.dhcp?.range?.find((text) => text.includes(':') === (family === 6))
      return new Exhausted(['network'], `no address is left in ${range ?? subnet} of network ${network}`)
    }
    addresses.push(formatAddress({ family, value }))
  }
  return addresses
}

function gatewayRow({ id: owner, fields }: PolicyObject<'Gateway'>, around: Surroundings): Built {
  const { kind: _kind, name, ports, ...rest } = fields
  const hostAddresses = hostAddressesOf(fields, (id) => around.host(id))
  const hostPorts = hostAddresses ? (ports ?? defaultPorts) : undefined
  const number = around.allocations.number('number', owner)
  if (number === undefined) return new Exhausted(['name'], 'no number is left for another tenant or gateway')
  const key = around.allocations.number('key', owner)
  if (key === undefined) return new Exhausted(['name'], 'no key is left for another gateway')
  const mac = around.allocations.mac(owner)
  if (mac === undefined) return new Exhausted(['name'], 'no MAC address is left for another gateway')
  return {
    table: 'gateway',
    id: name,
    row: { id: name, number, key, mac, ...present({ ...rest, hostAddresses, hostPorts }) },
  }
}
