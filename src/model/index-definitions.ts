import type { TableName, Tables } from './rows.js'

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
  networks: rows('network', () => [everything]),
  gateways: rows('gateway', () => [everything]),
  networksByTenant: rows('network', (network) => [network.tenant]),
  workloadsByNetwork: rows('workload', (workload) => [workload.network]),
  workloadsByInterface: rows('workload', (workload) => [workload.interface]),
  egressesByTenant: rows('egress', (egress) => [egress.tenant]),
  egressesByGateway: rows('egress', (egress) => [egress.gateway]),
  gatewaysByHost: rows('gateway', (gateway) => gateway.hosts),
  peeringsByTenant: rows('peering', (peering) => [peering.tenant]),
  portsByInterface: rows('port', (port) => [port.interface]),
  portsByHost: rows('port', (port) => [port.host]),
  placementsByHost: rows('placement', (placement) => [placement.host]),
  placementsBySegment: rows('placement', ({ network, host }) => [`${network}@${host}`]),
  neighboursByGateway: rows('neighbour', (neighbour) => [neighbour.gateway]),
  hostsOfNetwork: distinct(
    'placement',
    ({ network }) => [network],
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
}

export type IndexName = keyof typeof indexes

/** What a bucket of an index holds: rows, or the strings of its projection. */
export type IndexValue<I extends IndexName> = (typeof indexes)[I] extends { value: (row: never) => string }
  ? string
  : Tables[(typeof indexes)[I]['table']]
