import type { Model } from '../model/model.js'
import { hasRouter } from '../model/routers.js'
import type { NetworkRow, WorkloadRow } from '../model/rows.js'
import type { Route } from './options.js'

/** What a workload is given. It follows from the rows alone, so every controller gives the same. */
export interface Lease {
  readonly address: string
  readonly prefixLength: number
  /** The router's address in the network, also where it does not route: DHCP answers from there. */
  readonly server: string
  readonly router?: string
  readonly routes: readonly Route[]
  readonly nameServers: readonly string[]
  readonly domain: string
  readonly hostName: string
  readonly mtu: number
  readonly seconds: number
}

/** The lease of a workload; undefined where its network hands out nothing, or nothing of IPv4. */
export function leaseOf(workload: WorkloadRow, model: Model): Lease | undefined {
  const network = model.get('network', workload.network)
  const address = workload.addresses.find(isVersion4)
  if (!network?.dhcp || !network.subnet || !network.gateway || address === undefined) return undefined
  const { gateway, subnet, routed, mtu, dhcp } = network
  return {
    address,
    prefixLength: Number(subnet.slice(subnet.indexOf('/') + 1)),
    server: gateway,
    ...(hasRouter(network) && { router: gateway }),
    routes: routed ? routesOf(network, gateway, model) : [],
    nameServers: dhcp.dns.filter(isVersion4),
    domain: dhcp.domain,
    hostName: workload.name,
    mtu,
    seconds: dhcp.lease,
  }
}

/**
 * The way to the tenant's other networks, for stations that have a default route elsewhere, and the default route: who
 * takes routes does not look at the router (RFC 3442).
 */
function routesOf({ id, tenant }: NetworkRow, via: string, model: Model): readonly Route[] {
  const others = model
    .by('networksByTenant', tenant)
    .filter((other) => other.routed && other.id !== id)
    .flatMap(({ subnet }) => (subnet === undefined ? [] : { to: subnet, via }))
  return others.length === 0 ? [] : [...others, { to: '0.0.0.0/0', via }]
}

function isVersion4(address: string): boolean {
  return !address.includes(':')
}
