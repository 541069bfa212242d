import { contains, parseBlock } from './block.js'
import type { Reads } from './reads.js'
import type { RouteRow, WorkloadRow } from './rows.js'

/** The workloads that take on packets of a route, as far as they exist; each once, in the order of the list. */
export function viasOf(route: RouteRow, reads: Reads): readonly WorkloadRow[] {
  return [...new Set((route.via ?? []).flatMap((via) => viaOf(route.tenant, via, reads) ?? []))]
}

/** The workload that an id or an address means to a tenant's router; undefined where there is none. */
export function viaOf(tenant: string, via: string, reads: Reads): WorkloadRow | undefined {
  const named = via.includes('/') ? reads.get('workload', via) : undefined
  const candidates = named ? [named] : reads.by('workloadsByAddress', `${tenant} ${via}`)
  return candidates.find(
    ({ tenant: owner, network }) => owner === tenant && reads.get('network', network)?.routed === true,
  )
}

/** The routes whose packets a workload takes on, by id. */
export function routesVia(workload: WorkloadRow, reads: Reads): readonly RouteRow[] {
  const names = [workload.id, ...workload.addresses.map((address) => `${workload.tenant} ${address}`)]
  const routes = new Map<string, RouteRow>()
  for (const name of names)
    for (const route of reads.by('routesByVia', name))
      if (viasOf(route, reads).some(({ id }) => id === workload.id)) routes.set(route.id, route)
  return [...routes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Whether a route is about some workloads only, which comes before routes about all. */
export function isPolicyRoute({ select }: RouteRow): boolean {
  return select !== undefined
}

/** Whether the destinations of a route are all in one of these blocks. */
export function isWithin({ to }: RouteRow, blocks: readonly (string | undefined)[]): boolean {
  const block = parseBlock(to)
  return blocks.some((outer) => outer !== undefined && contains(parseBlock(outer), block))
}
