import type { Derivation } from './derivation.js'
import { selects } from './labels.js'
import type { Reads } from './reads.js'
import type { EgressRow, ExitRow, WorkloadRow } from './rows.js'

/** A tenant comes and goes by every gateway that an egress, floating address or forward of it names. */
export const outlet: Derivation = {
  from: 'tenant',
  into: 'outlet',
  derive(tenant, reads) {
    if (!reads.get('tenant', tenant)) return []
    const gateways = new Set([
      ...reads.by('gatewaysOfEgresses', tenant),
      ...reads.by('gatewaysOfFloatingIps', tenant),
      ...reads.by('gatewaysOfPortForwards', tenant),
    ])
    return [...gateways].map((gateway) => {
      const id = `${tenant}@${gateway}`
      return { table: 'outlet', id, row: { id, tenant, gateway } }
    })
  },
}

/** A gateway answers for its own addresses, its pool's, and those that egresses and forwards name. */
export const outsideAddress: Derivation = {
  from: 'gateway',
  into: 'outsideAddress',
  derive(gateway, reads) {
    const row = reads.get('gateway', gateway)
    if (!row) return []
    const { address, address6, pool = [] } = row
    const addresses = new Set([
      ...[address, address6].filter((own) => own !== undefined),
      ...pool,
      ...reads.by('addressesOfEgresses', gateway),
      ...reads.by('addressesOfPortForwards', gateway),
    ])
    return [...addresses].map((each) => {
      const id = `${gateway}/${each}`
      return { table: 'outsideAddress', id, row: { id, gateway, address: each } }
    })
  },
}

/**
 * A workload's floating address comes before an egress that names its labels, and that before one for the whole tenant,
 * which needs no row. One that can leave by none of them answers by the gateway of its first forward.
 */
export const exit: Derivation = {
  from: 'workload',
  into: 'exit',
  derive(id, reads) {
    const workload = reads.get('workload', id)
    if (!workload) return []
    return ([4, 6] as const).flatMap((version) => {
      const row = workload.addresses.some((address) => versionOf(address) === version)
        ? exitOf(workload, version, reads)
        : undefined
      return row ? [{ table: 'exit' as const, id: row.id, row }] : []
    })
  },
}

function exitOf(workload: WorkloadRow, version: 4 | 6, reads: Reads): ExitRow | undefined {
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
    return { ...by(`floatingIp/${floating.id}`, floating.gateway), translation: floating.translation }
  const egresses = reads
    .by('egressesByTenant', tenant)
    .filter((egress) => egressAddress(egress, version, reads) !== undefined)
  const selecting = egresses.find(({ select }) => select && selects(select, labels))
  if (selecting)
    return { ...by(`egress/${selecting.id}`, selecting.gateway), translation: selecting.translation }
  if (egresses.some(({ select }) => !select)) return undefined
  const forward = reads
    .by('portForwardsByWorkload', of)
    .find((row) => row.tenant === tenant && versionOf(row.address) === version)
  return forward && by(`portForward/${forward.id}`, forward.gateway)
}

/** The address that packets of an IP version leave with by an egress; undefined where it carries none of them. */
export function egressAddress(
  { gateway: id, address }: EgressRow,
  version: 4 | 6,
  reads: Reads,
): string | undefined {
  const gateway = reads.get('gateway', id)
  const own = version === 4 ? gateway?.address : gateway?.address6
  return own !== undefined && address !== undefined && versionOf(address) === version ? address : own
}

/** The IP version of an address. */
export function versionOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}
