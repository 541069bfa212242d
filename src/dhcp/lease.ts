import { covers } from '../model/block.js'
import { selects } from '../model/labels.js'
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
    routes: routed ? routesOf(workload, { ...network, subnet }, gateway, model) : [],
    nameServers: dhcp.dns.filter(isVersion4),
    domain: dhcp.domain,
    hostName: workload.name,
    mtu,
    seconds: dhcp.lease,
  }
}

/**
 * The way to the tenant's other networks and by its routes, for stations that have a default route elsewhere, and the
 * default route: who takes routes does not look at the router (RFC 3442).
 */
function routesOf(
  { labels }: WorkloadRow,
  { id, tenant, subnet: own }: NetworkRow & { readonly subnet: string },
  via: string,
  model: Model,
): readonly Route[] {
  const networks = model.by('networksByTenant', tenant).filter((other) => other.routed && other.id !== id)
  const routed = model
    .by('routesByTenant', tenant)
    .filter((route) => (route.via ?? route.gateways) && selects(route.select ?? {}, labels))
  const blocks = [...networks.flatMap(({ subnet = [] }) => subnet), ...routed.map(({ to }) => to)]
  const others = new Set(blocks.filter((to) => isVersion4(to) && to !== everywhere && !covers(own, to)))
  return others.size === 0 ? [] : [...others, everywhere].map((to) => ({ to, via }))
}

const everywhere = '0.0.0.0/0'

function isVersion4(address: string): boolean {
  return !address.includes(':')
}
