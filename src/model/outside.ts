import { isDeepStrictEqual } from 'node:util'
import type { Derivation } from './derivation.js'
import { selects } from './labels.js'
import type { Reads } from './reads.js'
import type { EgressRow, ExitRow, GatewayRow, WorkloadRow } from './rows.js'

/** A tenant comes and goes by every gateway that an egress, floating address, forward or route of it names. */
export const outlet: Derivation = {
  from: 'tenant',
  into: 'outlet',
  derive(tenant, reads) {
    if (!reads.get('tenant', tenant)) return []
    const gateways = new Set([
      ...reads.by('gatewaysOfEgresses', tenant),
      ...reads.by('gatewaysOfFloatingIps', tenant),
      ...reads.by('gatewaysOfPortForwards', tenant),
      ...reads.by('routesByTenant', tenant).flatMap(({ gateways: named = [] }) => named),
    ])
    const rivals = rivalsOf(tenant, reads)
    return [...gateways].map((gateway) => {
      const id = `${tenant}@${gateway}`
      const isRival = rivals.has(gateway) ? { isRival: true } : {}
      return { table: 'outlet', id, row: { id, tenant, gateway, ...isRival } }
    })
  },
}

/** The gateways of a tenant of which each connection takes one of several. */
function rivalsOf(tenant: string, reads: Reads): ReadonlySet<string> {
  const sets = ([4, 6] as const).flatMap((version) => {
    const egresses = egressesOf(tenant, version, reads)
    if (new Set(egresses.map(({ gateway }) => gateway)).size < 2) return []
    return egresses.map((egress) => alike(egress, egresses, version).map(({ gateway }) => gateway))
  })
  const listed = reads.by('routesByTenant', tenant).map(({ gateways = [] }) => gateways)
  return new Set([...sets, ...listed].filter(({ length }) => length > 1).flat())
}

/** A gateway answers for its own addresses, its pool's, and those that egresses and forwards name. */
export const outsideAddress: Derivation = {
  from: 'gateway',
  into: 'outsideAddress',
  derive(gateway, reads) {
    const row = reads.get('gateway', gateway)
    if (!row) return []
    const { address, address6, hostAddresses = {}, pool = [] } = row
    const named = [
      ...[address, address6].filter((own) => own !== undefined),
      ...pool,
      ...reads.by('addressesOfEgresses', gateway),
      ...reads.by('addressesOfPortForwards', gateway),
    ]
    const own = new Set(named.filter((each) => !isOfHost(row, each)))
    return [
      ...Object.entries(hostAddresses).map(([host, each]) => ({ address: each, host })),
      ...[...own].map((each) => ({ address: each })),
    ].map((each) => {
      const id = `${gateway}/${each.address}`
      return { table: 'outsideAddress', id, row: { id, gateway, ...each } }
    })
  },
}

/** A port is forwarded at the address that the forward names, or at that of each of the gateway's hosts. */
export const publishedPort: Derivation = {
  from: 'portForward',
  into: 'publishedPort',
  derive(portForward, reads) {
    const { gateway: of = '', address = '' } = reads.get('portForward', portForward) ?? {}
    const gateway = reads.get('gateway', of)
    if (!gateway) return []
    const at = (id: string, ends: { readonly address: string; readonly host?: string }) =>
      ({ table: 'publishedPort', id, row: { id, portForward, gateway: of, ...ends } }) as const
    if (!isOfHost(gateway, address)) return [at(portForward, { address })]
    return Object.entries(gateway.hostAddresses ?? {}).map(([host, own]) =>
      at(`${portForward}@${host}`, { address: own, host }),
    )
  },
}

/** Whether an address outside is that of whichever host carries the gateway, which says so itself to whoever asks. */
export function isOfHost({ hostAddresses = {} }: GatewayRow, address: string): boolean {
  return address === 'host' || Object.values(hostAddresses).includes(address)
}

/** An address of a gateway as it is while a host carries it. */
export function addressAt(
  { hostAddresses }: GatewayRow,
  address: string | undefined,
  host: string,
): string | undefined {
  return address === 'host' ? hostAddresses?.[host] : address
}

/**
 * A workload's floating address comes before egresses that name its labels, and those before the ones for the whole
 * tenant, which need no row. One that can leave by none of them answers by the gateway of its first forward.
 */
export const exit: Derivation = {
  from: 'workload',
  into: 'exit',
  derive(id, reads) {
    const workload = reads.get('workload', id)
    if (!workload || reads.by('outletsByTenant', workload.tenant).length === 0) return []
    return ([4, 6] as const).flatMap((version) => {
      if (!workload.addresses.some((address) => versionOf(address) === version)) return []
      return exitsOf(workload, version, reads).map((row) => ({ table: 'exit' as const, id: row.id, row }))
    })
  },
}

function exitsOf(workload: WorkloadRow, version: 4 | 6, reads: Reads): readonly ExitRow[] {
  const { id: of, tenant, labels } = workload
  const by = (object: string, gateway: string) => ({
    id: `${object}#${of}#${version}`,
    workload: of,
    tenant,
    version,
    gateway,
  })
  const floating = reads
    .by('floatingIpsByWorkload', of)
    .find((row) => row.tenant === tenant && versionOf(row.address) === version)
  if (floating)
    return [{ ...by(`floatingIp/${floating.id}`, floating.gateway), translation: floating.translation }]
  const egresses = egressesOf(tenant, version, reads)
  const selecting = egresses.find(({ select }) => select && selects(select, labels))
  if (selecting)
    return alike(selecting, egresses, version).map((row) => ({
      ...by(`egress/${row.id}`, row.gateway),
      translation: row.translation,
    }))
  if (egresses.some(({ select }) => !select)) return []
  const forward = reads
    .by('portForwardsByWorkload', of)
    .find((row) => row.tenant === tenant && versionOf(row.address) === version)
  return forward ? [by(`portForward/${forward.id}`, forward.gateway)] : []
}

/** The egresses of a tenant that carry packets of an IP version. */
function egressesOf(tenant: string, version: 4 | 6, reads: Reads): readonly EgressRow[] {
  return reads
    .by('egressesByTenant', tenant)
    .filter((egress) => egressAddress(egress, version, reads) !== undefined)
}

/**
 * The egresses with the same selection as one of them, one of each gateway: each connection takes one. That is the first,
 * but one that names an address of the other IP version only where no other is.
 */
function alike({ select }: EgressRow, egresses: readonly EgressRow[], version: 4 | 6): readonly EgressRow[] {
  const same = egresses.filter((other) => isDeepStrictEqual(other.select, select))
  const fits = ({ address }: EgressRow) => address === undefined || versionOf(address) === version
  const inOrder = [...same.filter(fits), ...same.filter((row) => !fits(row))]
  return inOrder.filter((row, index) => inOrder.findIndex(({ gateway }) => gateway === row.gateway) === index)
}

/** The egresses by which a tenant leaves, apart from workloads that have an exit; each connection takes one. */
export function commonEgresses(tenant: string, version: 4 | 6, reads: Reads): readonly EgressRow[] {
  const egresses = egressesOf(tenant, version, reads)
  const first = egresses.find(({ select }) => !select)
  return first ? alike(first, egresses, version) : []
}

/**
 * The address that packets of an IP version leave with by an egress, or `host`; undefined where it carries none of them.
 */
export function egressAddress(
  { gateway: id, address }: EgressRow,
  version: 4 | 6,
  reads: Reads,
): string | undefined {
  const gateway = reads.get('gateway', id)
  const own = version === 4 ? gateway?.address : gateway?.address6
  return own !== undefined && address !== undefined && versionOf(address) === version ? address : own
}

/** The workload behind an address outside, with the address of the same IP version that it has itself. */
export function insideOf(
  {
    tenant,
    workload: id,
    address: outside,
  }: { readonly tenant: string; readonly workload: string; readonly address: string },
  reads: Reads,
): { readonly workload: WorkloadRow; readonly address: string } | undefined {
  const workload = reads.get('workload', id)
  const address = workload?.addresses.find((own) => versionOf(own) === versionOf(outside))
  return workload?.tenant === tenant && address !== undefined ? { workload, address } : undefined
}

/** The IP version of an address. */
export function versionOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}
