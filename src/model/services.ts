import { covers } from './block.js'
import type { Derivation } from './derivation.js'
import { selects } from './labels.js'
import { versionOf } from './outside.js'
import { peersOf } from './peers.js'
import type { Reads } from './reads.js'
import type { BackendRow, NetworkRow, ServiceRow, TenantRow } from './rows.js'

/**
 * The network of a tenant that a virtual address is in: a routed one, of which there is at most one, or else the first by
 * id. Undefined: it is in none of them, and the tenant's router takes it.
 */
export function networkOf(tenant: string, address: string, reads: Reads): NetworkRow | undefined {
  const networks = reads
    .by('networksByTenant', tenant)
    .filter(({ subnet, subnet6 }) => [subnet, subnet6].some((block) => block && covers(block, address)))
  return networks.find(({ routed }) => routed) ?? networks[0]
}

/** Whether packets that are for a virtual address in network `at` (undefined: in none) can go on to network `to`. */
function joins(at: NetworkRow | undefined, to: NetworkRow): boolean {
  return at && !at.routed ? at.id === to.id : to.routed
}

/** A workload answers for the services that select it, with its first address of the IP version. */
export const backend: Derivation = {
  from: 'workload',
  into: 'backend',
  derive(id, reads) {
    const workload = reads.get('workload', id)
    if (!workload) return []
    const { tenant, key } = workload
    const services = reads
      .by('servicesByTenant', tenant)
      .filter(({ backends }) => selects(backends, workload.labels))
    const network = services.length > 0 ? reads.get('network', workload.network) : undefined
    if (!network) return []
    return services.flatMap(({ id: service, addresses }) =>
      addresses.flatMap((virtual) => {
        const version = versionOf(virtual)
        const address = workload.addresses.find((own) => versionOf(own) === version)
        if (address === undefined || !joins(networkOf(tenant, virtual, reads), network)) return []
        const row = {
          ...{ id: `${service}#${id}#${version}`, service, tenant, workload: id, network: network.id, key },
          ...{ version, virtual, address },
        }
        return [{ table: 'backend' as const, id: row.id, row }]
      }),
    )
  },
}

/** Whether a row stands for all backends that its workload is with this address: the first by id of the service. */
export function isFirst({ id, workload, version }: BackendRow, reads: Reads): boolean {
  return reads.by('backendsByWorkload', `${workload}#${version}`)[0]?.id === id
}

/** A tenant whose workloads may ask a service. */
export interface Audience {
  readonly tenant: TenantRow
  /** Of a peer: those of its networks that take part. */
  readonly networks?: readonly NetworkRow[]
}

/**
 * Who may ask a service: its tenant, then peers with which every network is shared that it has a backend or an address in.
 * Where a peer has a service of the same address itself, that is the one that it asks.
 */
export function audiencesOf({ id, tenant: owner, addresses }: ServiceRow, reads: Reads): readonly Audience[] {
  const tenant = reads.get('tenant', owner)
  if (!tenant) return []
  const audiences: Audience[] = [{ tenant }]
  for (const { tenant: name, ours, theirs } of peersOf(owner, reads)) {
    const peer = reads.get('tenant', name)
    const shared = new Set(ours.map((network) => network.id))
    const own = addresses.flatMap((address) => networkOf(owner, address, reads)?.id ?? [])
    const needed = [...own, ...reads.by('networksOfService', id)]
    const isHidden = addresses.some((each) => reads.by('servicesByAddress', `${name} ${each}`).length > 0)
    if (peer && !isHidden && needed.every((network) => shared.has(network)))
      audiences.push({ tenant: peer, networks: theirs })
  }
  return audiences
}

/** The tenants that may ask some service which a workload is a backend of, with the same address. */
export function askersOf({ workload, version }: BackendRow, reads: Reads): readonly TenantRow[] {
  const tenants = reads.by('backendsByWorkload', `${workload}#${version}`).flatMap(({ service: id }) => {
    const service = reads.get('service', id)
    return service ? audiencesOf(service, reads).map(({ tenant }) => tenant) : []
  })
  return [...new Map(tenants.map((tenant) => [tenant.id, tenant])).values()]
}

/** Whether a tenant or a peer of it has a service. */
export function isServed(tenant: string, reads: Reads): boolean {
  if (reads.by('served', tenant).length > 0) return true
  return [...peersOf(tenant, reads)].some((peer) => reads.by('served', peer.tenant).length > 0)
}

/** What a group can hold with certainty: the message that makes it is 64 KB long at most (OpenFlow 1.5.1, §7.1.1). */
export const mostBackends = 1000

/** The backends of one IP version that run somewhere, by id of the workload. */
export function runningBackends({ id }: ServiceRow, version: 4 | 6, reads: Reads): readonly BackendRow[] {
  return reads
    .by('backendsByService', id)
    .filter((each) => each.version === version && reads.get('placement', each.workload) !== undefined)
}

/** Who of them gets new connections: as many as there is room for. */
export function liveBackends(service: ServiceRow, version: 4 | 6, reads: Reads): readonly BackendRow[] {
  return runningBackends(service, version, reads).slice(0, mostBackends)
}
