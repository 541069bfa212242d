import type { NetworkRow, WorkloadRow } from './rows.js'

/** The zone that all names of the cluster are in: reserved for private use (ICANN, resolution 2024.07.29.06). */
export const zone = 'internal'

/** The domain of a network's workloads: `lan.usr1.internal`. */
export function domainOf({ name, tenant }: Pick<NetworkRow, 'name' | 'tenant'>): string {
  return `${name}.${tenant}.${zone}`
}

/** The full name of a workload: `usr1-1.lan.usr1.internal`. */
export function hostNameOf({ name }: Pick<WorkloadRow, 'name'>, network: NetworkRow): string {
  return `${name}.${domainOf(network)}`
}
