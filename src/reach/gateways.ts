/** What gateways make of connections with the outside: who may open them, and what becomes of their addresses. */
import { isDeepStrictEqual } from 'node:util'
import { selects } from '../model/labels.js'
import { addressAt, isOfHost } from '../model/outside.js'
import type { EgressRow, FloatingIpRow, PortForwardRow, WorkloadRow } from '../model/rows.js'
import { type Version, versionOf } from './address.js'
import type { Connection } from './connection.js'
import { byId, type Files } from './files.js'

/** How a workload's packets of one IP version leave. */
export interface Exit {
  readonly gateway: string
  /** The address that they are seen with; undefined: no connection can be opened. */
  readonly address?: string
  /** The host that carries the gateway, where that makes a difference to addresses. */
  readonly host?: string
}

/**
 * A floating address comes before egresses for the workload's labels, and those before the ones for all of the tenant.
 * Egresses with the same selection share the connections.
 */
export function exitsOf(files: Files, source: WorkloadRow, destination: string): readonly Exit[] {
  const version = versionOf(destination)
  const floating = floatingOf(files, source, version)
  if (floating) return [{ gateway: floating.gateway, address: floating.address }]
  const egresses = egressesOf(files, source.tenant, version)
  const first =
    egresses.find(({ select }) => select && selects(select, source.labels)) ??
    egresses.find(({ select }) => !select)
  return first ? egresses.filter(({ select }) => isDeepStrictEqual(select, first.select)) : []
}

/** By a gateway that a route names: as otherwise by that gateway, or else with the gateway's own address. */
export function exitBy(files: Files, source: WorkloadRow, gateway: string, destination: string): Exit {
  const version = versionOf(destination)
  const common = egressesOf(files, source.tenant, version).filter(({ select }) => !select)
  const known = [...exitsOf(files, source, destination), ...common].find((exit) => exit.gateway === gateway)
  if (known) return known
  const row = files.rows.get('gateway', gateway)
  const own = version === 4 ? row?.address : row?.address6
  return { gateway, ...(own === undefined ? {} : { address: own }) }
}

/** An exit as it is while each of those hosts carries its gateway whose own address is the gateway's. */
export function exitsByHost(files: Files, { gateway: id, address }: Exit): readonly Exit[] {
  const gateway = files.rows.get('gateway', id)
  if (!gateway?.hostAddresses) return [{ gateway: id, ...(address !== undefined && { address }) }]
  return Object.keys(gateway.hostAddresses).map((host) => {
    const seen = addressAt(gateway, address, host)
    return { gateway: id, host, ...(seen !== undefined && { address: seen }) }
  })
}

export function floatingOf(files: Files, source: WorkloadRow, version: Version): FloatingIpRow | undefined {
  return rowsOf<FloatingIpRow>(files.rows.rows('floatingIp'), source.tenant).find(
    ({ workload, address }) => workload === source.id && versionOf(address) === version,
  )
}

/** A tenant's egresses that carry an IP version, with the address that they translate to. */
function egressesOf(files: Files, tenant: string, version: Version) {
  return rowsOf<EgressRow>(files.rows.rows('egress'), tenant).flatMap((egress) => {
    const gateway = files.rows.get('gateway', egress.gateway)
    const own = version === 4 ? gateway?.address : gateway?.address6
    const { address = own } = egress
    return own === undefined
      ? []
      : [{ ...egress, address: address && versionOf(address) === version ? address : own }]
  })
}

/**
 * A connection from outside as the workload sees that it reaches; undefined where it reaches none.
 * @param by the gateway by which it comes; undefined: any
 */
export function comingIn(files: Files, connection: Connection, by?: Exit): Connection | undefined {
  const { to, protocol, port } = connection
  const at = (row: FloatingIpRow | PortForwardRow) =>
    (by === undefined || row.gateway === by.gateway) &&
    (to.workload === undefined
      ? isAt(files, row, to.address, by?.host)
      : row.workload === to.workload && versionOf(row.address) === versionOf(to.address))
  const arrive = (id: string, outside: string, workloadPort = port): Connection | undefined => {
    const workload = files.rows.get('workload', id)
    const address = workload?.addresses.find((own) => versionOf(own) === versionOf(outside))
    if (!workload || address === undefined || !files.network(workload.network)?.routed) return undefined
    return {
      ...connection,
      to: { address, workload: id },
      ...(workloadPort === undefined ? {} : { port: workloadPort }),
    }
  }
  for (const row of files.rows.rows('floatingIp')) if (at(row)) return arrive(row.workload, row.address)
  for (const row of files.rows.rows('portForward')) {
    const own = to.workload === undefined ? row.port : row.workloadPort
    if (at(row) && row.protocol === protocol && own === port)
      return arrive(row.workload, row.address, row.workloadPort)
  }
  return undefined
}

/** @param host the one that carries the gateway; undefined: any */
function isAt(
  files: Files,
  row: FloatingIpRow | PortForwardRow,
  address: string,
  host: string | undefined,
): boolean {
  const gateway = files.rows.get('gateway', row.gateway)
  if (!gateway || !isOfHost(gateway, row.address)) return row.address === address
  return Object.entries(gateway.hostAddresses ?? {}).some(
    ([each, own]) => own === address && (host === undefined || host === each),
  )
}

/** Whether an address is of a gateway itself: all that it answers by itself are pings. */
export function isOfGateway(files: Files, { gateway: id, host = '' }: Exit, address: string): boolean {
  const gateway = files.rows.get('gateway', id)
  const shared = [...files.rows.rows('egress'), ...files.rows.rows('portForward')]
  return (
    [
      gateway && addressAt(gateway, gateway.address, host),
      gateway?.address6,
      ...(gateway?.pool ?? []),
    ].includes(address) || shared.some((row) => row.gateway === id && row.address === address)
  )
}

function rowsOf<R extends { readonly id: string; readonly tenant: string }>(
  rows: Iterable<R>,
  tenant: string,
): R[] {
  return [...rows].filter((row) => row.tenant === tenant).sort(byId)
}
