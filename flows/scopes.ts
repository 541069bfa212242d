import { everything } from '../src/model/index-definitions.js'
import { peersOf } from '../src/model/peers.js'
import type { Reads } from '../src/model/reads.js'

/** The names of scopes: whom a flow concerns. */
export const scope = {
  /** Every host. */
  all: 'all',
  host: (id: string) => `host/${id}`,
  /** Hosts that may have a packet of the network: those that run a workload of its tenant or of a peer, and its gateways. */
  network: (id: string) => `network/${id}`,
  /** Hosts at which the tenant's router works. */
  tenant: (id: string) => `tenant/${id}`,
  /** Hosts at which the service's tenant or a peer of it has a router. */
  service: (id: string) => `service/${id}`,
  /** Hosts that carry the gateway's traffic, or will when others die. */
  gateway: (id: string) => `gateway/${id}`,
  /** Hosts from which packets go to the gateway. */
  exit: (id: string) => `exit/${id}`,
  /** Hosts at which packets from outside reach the tenant. */
  outside: (tenant: string) => `outside/${tenant}`,
  /** Hosts that run a workload of which the mirror has copies made. */
  mirror: (id: string) => `mirror/${id}`,
  /** Every host of some gateway. */
  gateways: 'gateways',
  /** Hosts that run a workload of the tenant, while policy concerns it. */
  guard: (tenant: string) => `guard/${tenant}`,
  /** Hosts that run a workload which policy concerns. */
  guarded: 'guarded',
} as const

/** Whether policy concerns a tenant: it has a policy, or the cluster has one for all. */
export function isGuarded(tenant: string, reads: Reads): boolean {
  return reads.by('guards', everything).length > 0 || reads.by('guards', tenant).length > 0
}

/** Whether policy has come to concern a tenant (`everything`: all) only now, so that conntrack does not know it yet. */
export function isUnsettled(tenant: string, reads: Reads): boolean {
  if (reads.by('guards', tenant).length === 0) return false
  return [everything, tenant].every((id) => reads.get('settled', id) === undefined)
}

/** The scope of what follows from a policy, rule or address group: its tenant's, or that of all. */
export function scopeOfPolicy({ tenant }: { readonly tenant?: string }): string {
  return tenant === undefined ? scope.guarded : scope.guard(tenant)
}

/** The scope of an address outside: everywhere that its gateway may be, or on the host whose own it is. */
export function scopeOfAddress({
  gateway,
  host,
}: {
  readonly gateway: string
  readonly host?: string
}): string {
  return host === undefined ? scope.gateway(gateway) : scope.host(host)
}

/** The scope of what concerns a workload where it runs; undefined: it runs nowhere. */
export function scopeOfWorkload(workload: string, reads: Reads): string | undefined {
  const placement = reads.get('placement', workload)
  return placement && scope.host(placement.host)
}

/** Every scope that a host's bridge needs. */
export function* scopesOfHost(host: string, reads: Reads): Generator<string> {
  yield scope.all
  yield scope.host(host)
  const tenants = new Set<string>(reads.by('tenantsOnHost', host))
  for (const tenant of tenants)
    if (isGuarded(tenant, reads)) {
      yield scope.guarded
      yield scope.guard(tenant)
    }
  for (const gateway of reads.by('gatewaysByHost', host)) {
    yield scope.gateways
    yield scope.gateway(gateway.id)
    for (const { tenant } of reads.by('outletsByGateway', gateway.id)) {
      tenants.add(tenant)
      yield scope.outside(tenant)
    }
  }
  for (const { sent, got } of reads.by('tapsByHost', host))
    for (const mirror of [...sent, ...got]) yield scope.mirror(mirror)
  for (const tenant of tenants) yield* scopesOfTenant(tenant, reads)
  for (const network of reads.by('networksOnHost', host)) yield scope.network(network)
}

function* scopesOfTenant(tenant: string, reads: Reads): Generator<string> {
  yield scope.tenant(tenant)
  for (const { id } of reads.by('servicesByTenant', tenant)) yield scope.service(id)
  for (const { gateway } of reads.by('outletsByTenant', tenant)) yield scope.exit(gateway)
  for (const network of reads.by('networksByTenant', tenant))
    if (network.routed) yield scope.network(network.id)
  for (const { tenant: peer, theirs } of peersOf(tenant, reads)) {
    for (const network of theirs) yield scope.network(network.id)
    for (const { id } of reads.by('servicesByTenant', peer)) yield scope.service(id)
  }
}
