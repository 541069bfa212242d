/** Routes: the language page, section Routes, sentence by sentence. */
import { selects, selectsAll } from '../model/labels.js'
import type { NetworkRow, RouteRow, WorkloadRow } from '../model/rows.js'
import { blockOf, versionOf } from './address.js'
import { inBlock } from './blocks.js'
import { byId, type Files } from './files.js'
import { floatingOf } from './gateways.js'

/**
 * The route that says where a packet of a workload goes; undefined: none does.
 * @param network the prefix length of the network that has the address; a route of a larger block does not concern it
 */
export function routeOf(
  files: Files,
  source: WorkloadRow,
  destination: string,
  network: number | undefined,
): RouteRow | undefined {
  const [route] = files
    .routesOf(source.tenant)
    .filter(({ to }) => inBlock(to, destination))
    .filter(({ to }) => network === undefined || blockOf(to).prefix >= network)
    .filter(({ select }) => select === undefined || selects(select, source.labels))
    .sort(compare)
  return route && concerns(files, route, source) ? route : undefined
}

/** Policy routes first; the longest prefix; one that names labels before one for everybody; the first by id. */
function compare(a: RouteRow, b: RouteRow): number {
  const rank = ({ select }: RouteRow) => (select === undefined ? 1 : 0)
  const breadth = ({ select = {} }: RouteRow) => (selectsAll(select) ? 1 : 0)
  return (
    rank(a) - rank(b) || blockOf(b.to).prefix - blockOf(a.to).prefix || breadth(a) - breadth(b) || byId(a, b)
  )
}

/** A route leaves out the workloads that it leads by, and, unless it selects them, those that have their own way out. */
function concerns(files: Files, route: RouteRow, source: WorkloadRow): boolean {
  if (viasOf(files, route).some(({ id }) => id === source.id)) return false
  if (route.select) return true
  const floating = floatingOf(files, source, versionOf(route.to))
  if (!floating) return true
  if (route.gateways) return route.gateways.every((gateway) => gateway === floating.gateway)
  return !route.via || blockOf(route.to).prefix > 0
}

/** The workloads that a route leads by: of several that may have an address nobody knows which one does. */
export function viasOf(files: Files, { tenant, via = [] }: RouteRow): readonly WorkloadRow[] {
  const found = via.flatMap((name) => {
    if (name.includes('/')) return files.rows.get('workload', name) ?? []
    return networkOf(files, tenant, name).flatMap(({ id }) => files.workloadsAt(id, name))
  })
  return [...new Set(found.filter(({ network }) => files.network(network)?.routed))]
}

/** Whether a route leads by an address on a VLAN, which a physical station may have. */
export function isOnWire(files: Files, { tenant, via = [] }: RouteRow): boolean {
  return via.some((name) => networkOf(files, tenant, name).some(({ vlan }) => vlan !== undefined))
}

/** The network of a tenant's router that has an address, if one does. */
function networkOf(files: Files, tenant: string, address: string): readonly NetworkRow[] {
  if (address.includes('/')) return []
  return files
    .networksOf(tenant)
    .filter(
      ({ routed, subnet, subnet6 }) => routed && [subnet, subnet6].some((block) => inBlock(block, address)),
    )
}
