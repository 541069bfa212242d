import { formatLabelSet } from './labels.js'
import type { Direction, PolicyRow, RuleRow, TableName, Tables } from './rows.js'

/**
 * How rows of one table are found by something other than their id. Without `value` a bucket holds rows, and whoever
 * read it runs again when one of them changes. With `value` it holds the distinct values of a projection, and a reader
 * runs again only when a value appears for the first time or disappears for good.
 */
export interface IndexDefinition<T extends TableName = TableName> {
  readonly table: T
  keys(row: Tables[T]): readonly string[]
  value?(row: Tables[T]): string
}

interface RowIndex<T extends TableName> extends IndexDefinition<T> {
  value?: never
}

interface ValueIndex<T extends TableName> extends IndexDefinition<T> {
  value(row: Tables[T]): string
}

function rows<T extends TableName>(table: T, keys: (row: Tables[T]) => readonly string[]): RowIndex<T> {
  return { table, keys }
}

function distinct<T extends TableName>(
  table: T,
  keys: (row: Tables[T]) => readonly string[],
  value: (row: Tables[T]) => string,
): ValueIndex<T> {
  return { table, keys, value }
}

/** The key of an index that has one bucket only. */
export const everything = ''

/** Every index of the model by name. */
export const indexes = {
  hosts: rows('host', () => [everything]),
  tenants: rows('tenant', () => [everything]),
  tenantsByNumber: rows('tenant', ({ number }) => [String(number)]),
  networks: rows('network', () => [everything]),
  gateways: rows('gateway', () => [everything]),
  networksByVni: rows('network', ({ vni }) => [String(vni)]),
  networksByTenant: rows('network', (network) => [network.tenant]),
  /** Networks that have a VLAN. */
  vlanNetworks: rows('network', ({ vlan }) => (vlan ? [everything] : [])),
  /** The sizes of packets, in bytes, that routed networks of a tenant carry; of all tenants below `everything`. */
  mtusByTenant: distinct(
    'network',
    ({ tenant, routed }) => (routed ? [tenant, everything] : []),
    ({ mtu }) => String(mtu),
  ),
  workloadsByNetwork: rows('workload', (workload) => [workload.network]),
  workloadsByInterface: rows('workload', ({ trunk, interface: iface }) => (trunk ? [] : [iface])),
  workloadsByParent: rows('workload', ({ trunk }) => (trunk ? [trunk.parent] : [])),
  /** By `network address-or-block`: the workloads that may use it beside their own. */
  workloadsByAllowance: rows('workload', ({ network, allowed = [] }) => [
    ...new Set(allowed.map(({ ip }) => `${network} ${ip}`)),
  ]),
  /** By network: the workloads that may use whole blocks. */
  workloadsWithBlocks: rows('workload', ({ network, allowed = [] }) =>
    allowed.some(({ ip }) => ip.includes('/')) ? [network] : [],
  ),
  /** By `network mac`: the workloads that may use it beside their own. */
  workloadsByFurtherMac: rows('workload', ({ network, mac, allowed = [] }) => [
    ...new Set(allowed.flatMap((entry) => (entry.mac === mac ? [] : `${network} ${entry.mac}`))),
  ]),
  workloadsByKey: rows('workload', ({ key }) => [String(key)]),
  workloadsByAddress: rows('workload', ({ tenant, addresses }) =>
    addresses.map((address) => `${tenant} ${address}`),
  ),
  policiesByNumber: rows('policy', ({ number }) => [String(number)]),
  egressesByTenant: rows('egress', (egress) => [egress.tenant]),
  floatingIpsByWorkload: rows('floatingIp', ({ workload }) => [workload]),
  portForwardsByWorkload: rows('portForward', ({ workload }) => [workload]),
  /** The gateways that a tenant's egresses, floating addresses and forwards name. */
  gatewaysOfEgresses: distinct(
    'egress',
    ({ tenant }) => [tenant],
    ({ gateway }) => gateway,
  ),
  gatewaysOfFloatingIps: distinct(
    'floatingIp',
    ({ tenant }) => [tenant],
    ({ gateway }) => gateway,
  ),
  gatewaysOfPortForwards: distinct(
    'portForward',
    ({ tenant }) => [tenant],
    ({ gateway }) => gateway,
  ),
  /** The addresses that egresses and forwards name, by gateway. */
  addressesOfEgresses: distinct(
    'egress',
    ({ gateway, address }) => (address === undefined ? [] : [gateway]),
    ({ address = '' }) => address,
  ),
  addressesOfPortForwards: distinct(
    'portForward',
    ({ gateway }) => [gateway],
    ({ address }) => address,
  ),
  exitsByWorkload: rows('exit', ({ workload, version }) => [`${workload}#${version}`]),
  /** The gateways over which connections of some tenant are spread. */
  rivals: distinct(
    'outlet',
    ({ isRival }) => (isRival ? [everything] : []),
    ({ gateway }) => gateway,
  ),
  routesByTenant: rows('route', ({ tenant }) => [tenant]),
  /** By workload id, and by `tenant address`. */
  routesByVia: rows('route', ({ tenant, via = [] }) =>
    via.map((each) => (each.includes('/') ? each : `${tenant} ${each}`)),
  ),
  /** Not empty for a tenant that has a route. */
  detours: distinct(
    'route',
    ({ tenant }) => [tenant],
    () => 'routed',
  ),
  outletsByTenant: rows('outlet', ({ tenant }) => [tenant]),
  outletsByGateway: rows('outlet', ({ gateway }) => [gateway]),
  outsideAddressesByGateway: rows('outsideAddress', ({ gateway }) => [gateway]),
  floatingIpsByGateway: rows('floatingIp', ({ gateway }) => [gateway]),
  gatewaysByNumber: rows('gateway', ({ number }) => [String(number)]),
  gatewaysByHost: rows('gateway', (gateway) => gateway.hosts),
  peeringsByTenant: rows('peering', (peering) => [peering.tenant]),
  servicesByTenant: rows('service', ({ tenant }) => [tenant]),
  /** Not empty for a tenant that has a service. */
  served: distinct(
    'service',
    ({ tenant }) => [tenant],
    () => 'served',
  ),
  servicesByAddress: rows('service', ({ tenant, addresses }) =>
    addresses.map((address) => `${tenant} ${address}`),
  ),
  backendsByService: rows('backend', ({ service }) => [service]),
  /** The networks in which a service has backends. */
  networksOfService: distinct(
    'backend',
    ({ service }) => [service],
    ({ network }) => network,
  ),
  backendsByWorkload: rows('backend', ({ workload, version }) => [`${workload}#${version}`]),
  bandwidthsByTenant: rows('bandwidth', (bandwidth) => [bandwidth.tenant]),
  mirrorsByTenant: rows('mirror', ({ tenant }) => [tenant]),
  /** Not empty for a tenant that has a mirror. */
  listeners: distinct(
    'mirror',
    ({ tenant }) => [tenant],
    () => 'listens',
  ),
  tapsByHost: rows('tap', ({ host }) => [host]),
  tapsByMirror: rows('tap', ({ sent, got }) => [...new Set([...sent, ...got])]),
  portsByInterface: rows('port', (port) => [port.interface]),
  portsByHost: rows('port', (port) => [port.host]),
  placementsByHost: rows('placement', (placement) => [placement.host]),
  placementsBySegment: rows('placement', ({ network, host }) => [`${network}@${host}`]),
  /** Successions that leave a host out. */
  suspensions: rows('succession', ({ suspended }) => suspended),
  sessionsByHost: rows('session', ({ host, other }) => [host, other]),
  holdingsByHost: rows('holding', ({ host }) => [host]),
  outerBridgesByHost: rows('outerBridge', ({ host }) => [host]),
  carriersByHost: rows('carrier', ({ host }) => [host]),
  stationsByNetwork: rows('station', ({ network }) => [network]),
  wiresByNetwork: rows('wire', ({ network }) => [network]),
  neighboursByGateway: rows('neighbour', (neighbour) => [neighbour.gateway]),
  hostsOfNetwork: distinct(
    'placement',
    ({ network }) => [network],
    ({ host }) => host,
  ),
  hostsOfTenant: distinct(
    'placement',
    ({ tenant }) => [tenant],
    ({ host }) => host,
  ),
  networksOnHost: distinct(
    'placement',
    ({ host }) => [host],
    ({ network }) => network,
  ),
  tenantsOnHost: distinct(
    'placement',
    ({ host }) => [host],
    ({ tenant }) => tenant,
  ),
  addressGroupsByTenant: rows('addressGroup', ({ tenant = everything }) => [tenant]),
  /** The label sets that workloads of a tenant have; of all tenants below `everything`. */
  labelSets: distinct(
    'workload',
    ({ tenant }) => [tenant, everything],
    ({ labels }) => formatLabelSet(labels),
  ),
  /** Not empty for a tenant that has a policy, and below `everything` where a policy has no tenant. */
  guards: distinct(
    'policy',
    ({ tenant = everything }) => [tenant],
    () => 'guarded',
  ),
  /** By tenant (`everything`: all): the directions for which some rule asks for ports. */
  directionsWithPorts: distinct(
    'rule',
    ({ tenant = everything, ports }) => (ports ? [tenant] : []),
    ({ direction }) => direction,
  ),
  /** By `tenant/direction`: the policies that let through only what a rule allows, as {@link parseIsolation} reads them. */
  isolations: distinct('policy', isolatedBy, ({ id, select, established }) =>
    JSON.stringify({ id, select, established }),
  ),
  /** By `tenant/direction`, or `/direction` for rules without tenant: not empty where rules tell peers by their labels. */
  labelledPeers: distinct(
    'rule',
    ({ tenant = everything, direction, peers = [] }) =>
      peers.some(({ kind }) => kind === 'workloads') ? [`${tenant}/${direction}`] : [],
    () => 'asked',
  ),
  /** By `group/direction`: not empty where some rule uses an address group. */
  groupPeers: distinct('rule', groupsIn, () => 'asked'),
  /** The classes of the blocks that an address group contains. */
  classesOfGroup: distinct(
    'prefix',
    ({ groups }) => groups,
    (prefix) => prefix.class,
  ),
}

function isolatedBy({ tenant, tier, ingress, egress }: PolicyRow): readonly string[] {
  if (tier !== 'tenant' || tenant === undefined) return []
  const directions: readonly Direction[] = [
    ...(ingress ? (['ingress'] as const) : []),
    ...(egress ? (['egress'] as const) : []),
  ]
  return directions.map((direction) => `${tenant}/${direction}`)
}

/** A policy of the tenant tier that selects workloads for a direction. */
export type Isolation = Pick<PolicyRow, 'id' | 'select' | 'established'>

export function parseIsolation(text: string): Isolation {
  return JSON.parse(text)
}

function groupsIn({ direction, peers = [] }: RuleRow): readonly string[] {
  return [...new Set(peers.flatMap((peer) => (peer.kind === 'group' ? [`${peer.group}/${direction}`] : [])))]
}

export type IndexName = keyof typeof indexes

/** What a bucket of an index holds: rows, or the strings of its projection. */
export type IndexValue<I extends IndexName> = (typeof indexes)[I] extends { value: (row: never) => string }
  ? string
  : Tables[(typeof indexes)[I]['table']]
