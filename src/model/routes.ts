import { contains, covers, parseBlock } from './block.js'
import type { Reads } from './reads.js'
import type { NetworkRow, RouteRow, WorkloadRow } from './rows.js'

/** Who takes packets of a route on. */
export interface Via {
  /** Undefined: a physical station on the network's VLAN. */
  readonly workload?: WorkloadRow
  readonly network: NetworkRow
  readonly mac: string
}

/** Who takes on packets of a route, as far as they are known; each once, in the order of the list. */
export function viasOf(route: RouteRow, reads: Reads): readonly Via[] {
  const vias = (route.via ?? []).flatMap((via) => viaOf(route.tenant, via, reads) ?? [])
  return vias.filter(({ network, mac }, index) => {
    const isSame = (other: Via) => other.mac === mac && other.network.id === network.id
    return vias.findIndex(isSame) === index
  })
}

/** The workloads among {@link viasOf}. */
export function workloadsOf(
  route: RouteRow,
  reads: Reads,
): readonly (Via & { readonly workload: WorkloadRow })[] {
  return viasOf(route, reads).flatMap((via) => (via.workload ? [{ ...via, workload: via.workload }] : []))
}

/** Whom an id or an address means to a tenant's router; undefined where nobody is known. */
export function viaOf(tenant: string, via: string, reads: Reads): Via | undefined {
  if (via.includes('/')) {
    const workload = reads.get('workload', via)
    const network = workload && reads.get('network', workload.network)
    return workload?.tenant === tenant && network?.routed
      ? { workload, network, mac: workload.mac }
      : undefined
  }
  const network = reads
    .by('networksByTenant', tenant)
    .find(
      ({ routed, subnet, subnet6 }) =>
        routed && [subnet, subnet6].some((block) => block && covers(block, via)),
    )
  return network && holderOf(network, via, reads)
}

/**
 * Who has an address: whoever has told so last, the workload that it is, or the only one that may use it, be it as part of
 * the smallest block.
 */
function holderOf(network: NetworkRow, address: string, reads: Reads): Via | undefined {
  const own = reads
    .by('workloadsByAddress', `${network.tenant} ${address}`)
    .filter((workload) => workload.network === network.id)
  const named = [...own, ...reads.by('workloadsByAllowance', `${network.id} ${address}`)]
  const block = named.length > 0 ? undefined : smallestBlock(network, address, reads)
  const holders = block ? reads.by('workloadsByAllowance', `${network.id} ${block}`) : named
  const macs = holders.map((workload) => {
    const entries = (workload.allowed ?? []).filter(({ ip }) => ip === (block ?? address))
    const further = entries.map(({ mac }) => mac)
    return { workload, macs: own.includes(workload) ? [workload.mac, ...further] : further }
  })
  const told = reads.get('station', `${network.id}/${address}`)?.mac
  if (told !== undefined) {
    const holder = macs.find((each) => each.macs.includes(told))
    return { network, mac: told, ...(holder && { workload: holder.workload }) }
  }
  const [only, second] = macs
  const [mac, another] = only?.macs ?? []
  if (!only || second || mac === undefined || another !== undefined) return undefined
  return { workload: only.workload, network, mac }
}

/** The smallest block with an address that workloads of a network may use. */
function smallestBlock({ id }: NetworkRow, address: string, reads: Reads): string | undefined {
  const blocks = reads
    .by('workloadsWithBlocks', id)
    .flatMap(({ allowed = [] }) => allowed.map(({ ip }) => ip))
    .filter((ip) => ip.includes('/') && covers(ip, address))
  return blocks.sort((a, b) => parseBlock(b).length - parseBlock(a).length)[0]
}

/** The routes whose packets a workload takes on, by id. */
export function routesVia(workload: WorkloadRow, reads: Reads): readonly RouteRow[] {
  const { id: of, tenant, addresses, allowed = [] } = workload
  const names = [of, ...[...addresses, ...allowed.map(({ ip }) => ip)].map((ip) => `${tenant} ${ip}`)]
  const blocks = allowed.filter(({ ip }) => ip.includes('/'))
  const byBlock = (blocks.length > 0 ? reads.by('routesByTenant', tenant) : []).filter(({ via = [] }) =>
    via.some((each) => !each.includes('/') && blocks.some(({ ip }) => covers(ip, each))),
  )
  const routes = new Map<string, RouteRow>()
  for (const route of [...names.flatMap((name) => reads.by('routesByVia', name)), ...byBlock])
    if (workloadsOf(route, reads).some((via) => via.workload.id === of)) routes.set(route.id, route)
  return [...routes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Whether the destinations of a route are all in one of these blocks. */
export function isWithin({ to }: RouteRow, blocks: readonly (string | undefined)[]): boolean {
  const block = parseBlock(to)
  return blocks.some((outer) => outer !== undefined && contains(parseBlock(outer), block))
}
