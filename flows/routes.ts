import { parseLabelSet, selects, selectsAll } from '../src/model/labels.js'
import { versionOf } from '../src/model/outside.js'
import { peersOf } from '../src/model/peers.js'
import type { Reads } from '../src/model/reads.js'
import { isWithin, viasOf, workloadsOf } from '../src/model/routes.js'
import type { Labels, NetworkRow, RouteRow, TenantRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { drop, goto } from '../src/pipeline/actions.js'
import type { RuleFlow, RuleGroup } from '../src/pipeline/table.js'
import { prefixLength } from './addresses.js'
import { byGateway, byStation, type NextHop } from './hop.js'
import { ofClass } from './policy/side.js'
import { to } from './protocols.js'
import { origin, reg } from './registers.js'
import { sendBy } from './spread.js'

/**
 * Priorities of what a tenant's router knows, from the last to the first. A network comes before routes that are not
 * within it, so that a default route takes nobody away from the neighbours.
 */
export const order = {
  plain: 8000,
  policy: 10_000,
  network: 12_000,
  plainWithin: 14_000,
  policyWithin: 16_000,
  lastHop: 17_500,
  router: 18_000,
  unroutable: 20_000,
} as const

/** Among routes of one length: for all, for some; the odd places are fragments'. Packets that a route is not about come first. */
const place = { all: 0, some: 2, aside: 4 } as const

/** The flows of a route. What its own workloads send or pass on is set aside. */
export function* routeFlows(
  route: RouteRow,
  tenant: TenantRow,
  model: Reads,
): Generator<RuleFlow | RuleGroup> {
  const version = versionOf(route.to)
  const hops = hopsOf(route, model)
  for (const [at, of] of sendersOf(route, model)) {
    const match = { [reg.tenant]: tenant.number, ...of, ...to(route.to) }
    const priority = priorityOf(route, model) + place[at]
    if (hops.length === 0) yield { priority, match, actions: drop }
    else yield* sendBy(hops, { priority, match, version }, route)
  }
  for (const { workload } of workloadsOf(route, model))
    if (isFor(route, workload.labels, model)) yield aside(route, { [reg.source]: workload.key }, model)
}

/** Packets that a route is not about, although they go where it leads: they find their way as if there were no routes. */
export function aside(route: RouteRow, of: Match, model: Reads): RuleFlow {
  return {
    priority: priorityOf(route, model) + place.aside,
    match: { ...of, ...to(route.to) },
    actions: [goto('route')],
  }
}

function priorityOf(route: RouteRow, model: Reads): number {
  const isInner = isWithin(route, blocksOf(route, model))
  const base = route.select
    ? order[isInner ? 'policyWithin' : 'policy']
    : order[isInner ? 'plainWithin' : 'plain']
  return base + 8 * prefixLength(route.to)
}

/** The networks that a tenant's router joins. */
function* networksJoined(tenant: string, model: Reads): Generator<NetworkRow> {
  for (const network of model.by('networksByTenant', tenant)) if (network.routed) yield network
  for (const { theirs } of peersOf(tenant, model)) yield* theirs
}

/** The blocks of the networks that a tenant's router joins, of the IP version of a route. */
export function blocksOf(route: RouteRow, model: Reads): readonly string[] {
  return [...networksJoined(route.tenant, model)].flatMap(
    ({ subnet, subnet6 }) => (versionOf(route.to) === 4 ? subnet : subnet6) ?? [],
  )
}

/** Whose packets a route is about. To the outside go packets of workloads only. */
function sendersOf(route: RouteRow, model: Reads): readonly (readonly [keyof typeof place, Match])[] {
  const { select } = route
  const fromWorkloads = { [reg.origin]: origin.workload }
  if (!select) return [['all', route.gateways ? fromWorkloads : {}]]
  if (selectsAll(select)) {
    const first = likeOf(route, model).find((other) => selectsAll(other.select))
    return first?.id === route.id ? [['all', fromWorkloads]] : []
  }
  return model
    .by('labelSets', route.tenant)
    .map(parseLabelSet)
    .filter(({ labels }) => isFor(route, labels, model))
    .map((set) => ['some', ofClass(reg.classHigh, reg.classLow, set.class)] as const)
}

/** Whether a policy route is about workloads with these labels, and no other one to the same block is before it. */
export function isFor(route: RouteRow, labels: Labels, model: Reads): boolean {
  if (!route.select) return true
  const rivals = likeOf(route, model).filter(({ select }) => selects(select, labels))
  const first = rivals.find(({ select }) => !selectsAll(select)) ?? rivals[0]
  return first?.id === route.id
}

/** The policy routes to the block of a route, by id. */
function likeOf({ tenant, to: block }: RouteRow, model: Reads) {
  return model
    .by('routesByTenant', tenant)
    .flatMap(({ id, to: other, select }) => (select && other === block ? [{ id, select }] : []))
}

/** Who takes a route's packets on. Workloads that run nowhere are left out where others do. */
function hopsOf(route: RouteRow, model: Reads): readonly NextHop[] {
  if (route.gateways)
    return route.gateways.flatMap((id) => {
      const gateway = model.get('gateway', id)
      return gateway ? [byGateway(gateway)] : []
    })
  const vias = viasOf(route, model)
  const present = vias.filter(({ workload }) => !workload || model.get('placement', workload.id))
  return (present.length > 0 ? present : vias).map((via) => byStation(via, model))
}
