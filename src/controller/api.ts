import { filter, mergeMap, type Observable } from 'rxjs'
import {
  type ControllerApi,
  type FlowEvent,
  type FlowQuery,
  type FlowView,
  type ObjectView,
  RequestError,
} from '../api/contract.js'
import type { GatewayCounters } from '../api/counters.js'
import type { DhcpFigures } from '../dhcp/service.js'
import type { Failover } from '../gateway/failover.js'
import { cookieOf } from '../pipeline/flow.js'
import { type KindName, kindNamed, kindNames } from '../policy/index.js'
import type { RouterFigures } from '../router/router.js'
import type { VerdictFigures } from '../verdicts/verdicts.js'
import type { FlowChange } from './bridges.js'
import type { FlowViews } from './flow-views.js'
import type { GatewayCounterReader } from './gateway-counters.js'
import type { Links } from './links.js'
import type { MirrorViews } from './mirror-views.js'
import { PolicyViews } from './policy-views.js'
import type { RouteViews } from './route-views.js'
import type { RuleCounterReader } from './rule-counters.js'
import type { ServiceFigures } from './services.js'
import type { Sources } from './sources.js'
import { type StatusParts, statusOf } from './status.js'
import type { VerdictLog } from './verdict-log.js'
import type { WhereaboutsFigures } from './whereabouts.js'

export interface ApiParts extends StatusParts {
  readonly sources: Sources
  readonly views: FlowViews
  readonly failover: Failover
  readonly links: Links
  readonly verdicts: { readonly figures: VerdictFigures }
  readonly router: { readonly figures: RouterFigures }
  readonly dhcp: { readonly figures: DhcpFigures }
  readonly services: { readonly figures: ServiceFigures }
  readonly whereabouts: { readonly figures: WhereaboutsFigures }
  readonly verdictLog: VerdictLog
  readonly ruleCounters: RuleCounterReader
  readonly gatewayCounters: GatewayCounterReader
  readonly routes: RouteViews
  readonly mirrors: MirrorViews
  readonly statusChanges: Observable<void>
  readonly reread: () => Promise<void>
}

/** The controller as its clients see it. */
export function controllerApi(parts: ApiParts): ControllerApi {
  const { model, engine, loop, policy, bridges, sources, views } = parts
  return {
    statusChanges: parts.statusChanges,
    status: () => statusOf(parts),
    get: (kind, name) => getObjects(parts, kind, name),
    flows: (query) => readFlows(parts, query),
    follow: (query) => {
      const { hosts, accepts } = views.select(query)
      return bridges.changes.pipe(
        filter(
          ({ host, key, before, after }) =>
            hosts.includes(host) && accepts(key.charCodeAt(0), cookieOf(after ?? before ?? '')),
        ),
        mergeMap((change) => flowEvent(views, change)),
      )
    },
    log: (query) => parts.verdictLog.entries(query),
    followLog: (query) => parts.verdictLog.follow(query),
    ruleCounters: () => parts.ruleCounters.read(),
    gatewayCounters: () => parts.gatewayCounters.read(),
    routeCounters: () => parts.routes.counts(),
    mirrorCounters: () => parts.mirrors.counts(),
    explain: (cookie) => sources.explain(cookie),
    reread: parts.reread,
    figures: () => ({
      objects: Object.fromEntries(kindNames.map((kind) => [kind, policy.objects(kind).length])),
      packetIns: bridges.packetIns,
      transactions: loop.transactions,
      compileSeconds: loop.compileSeconds,
      gateways: [...model.rows('gateway')]
        .filter(({ hosts }) => hosts.length > 1)
        .map((row) => ({
          name: row.id,
          hostStates: parts.failover.states(row),
          takeovers: parts.failover.takeovers(row),
          ...parts.failover.standing(row),
        })),
      units: [...engine.units()].length,
      links: parts.links.figures(),
      verdicts: parts.verdicts.figures,
      router: parts.router.figures,
      dhcp: parts.dhcp.figures,
      services: parts.services.figures,
      whereabouts: parts.whereabouts.figures,
    }),
  }

  function flowEvent(from: FlowViews, { host, key, before, after }: FlowChange): readonly FlowEvent[] {
    const content = after ?? before
    if (content === undefined) return []
    const event = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
    return [from.event(host, event, key, content)]
  }

  async function* readFlows({ hosts: _ }: ApiParts, query: FlowQuery): AsyncGenerator<FlowView> {
    const { hosts, accepts } = views.select(query)
    for (const host of hosts) {
      const bridge = bridges.get(host)
      if (!bridge) {
        if (query.host === undefined) continue
        throw new RequestError('not-connected', `the switch of ${host} is not connected`)
      }
      for await (const flow of bridge.device.readCounters())
        if (accepts(flow.table, flow.cookie)) yield views.view(host, flow)
    }
  }

  async function getObjects(
    { policy: objects }: ApiParts,
    kind: string,
    name?: string,
  ): Promise<readonly ObjectView[]> {
    const wanted = kind.toLowerCase()
    if (wanted === 'link' || wanted === 'links') return linksOf(parts, name)
    const found = kindNamed(kind)
    if (!found)
      throw new RequestError(
        'unknown-kind',
        `no kind is named ${kind}; there are ${[...kindNames, 'Link'].join(', ')}`,
      )
    const all = objects.objects(found)
    if (name === undefined) return describe(found, all)
    const named = all.filter((object) => object.name === name || `${object.tenant}/${object.name}` === name)
    if (named.length === 0) throw new RequestError('unknown-name', `no ${found} is named ${name}`)
    return describe(found, named)
  }

  async function describe(kind: KindName, objects: readonly ObjectView[]): Promise<readonly ObjectView[]> {
    if (kind === 'Gateway') {
      const counters = await parts.gatewayCounters.read()
      return objects.map((object) => withCounters(withStates(object), counters))
    }
    const counted = kind === 'Route' ? parts.routes : kind === 'Mirror' ? parts.mirrors : undefined
    if (counted) {
      const counts = await counted.counts()
      return objects.map((object) => counted.view(object, counts))
    }
    if (kind !== 'Policy') return objects.map((object) => withStations(withHost(object)))
    const policies = new PolicyViews(model, sources, await parts.ruleCounters.read())
    return objects.map((object) => policies.view(object))
  }

  /** A gateway with the packets that its translations have sent, taken in and refused. */
  function withCounters(object: ObjectView, counters: readonly GatewayCounters[]): ObjectView {
    const own = counters.find(({ gateway }) => gateway === object.name)
    if (!own) return object
    return {
      ...object,
      sentPackets: own.sent.packets,
      receivedPackets: own.received.packets,
      refusedPackets: own.refused.packets,
    }
  }

  /** A gateway that several hosts can carry, with the one that does, and what the others do. */
  function withStates(object: ObjectView): ObjectView {
    const row = object.kind === 'Gateway' ? model.get('gateway', object.name) : undefined
    if (!row || row.hosts.length < 2) return object
    const { failover } = parts
    const activeHost = failover.activeHost(row)
    return {
      ...object,
      ...(activeHost && { activeHost }),
      hostStates: failover.states(row),
      ...failover.standing(row),
    }
  }

  /** A network with a VLAN, with the hosts that meet it; and the MACs of stations that no file says. */
  function withStations(object: ObjectView): ObjectView {
    if (object.kind !== 'Network') return object
    const id = `${object.tenant}/${object.name}`
    const wires = model
      .by('wiresByNetwork', id)
      .map(({ host, via }) => (via === undefined ? host : `${host} by ${via}`))
    const stations = model.by('stationsByNetwork', id).map(({ address, mac }) => [address, mac] as const)
    return {
      ...object,
      ...(wires.length > 0 && { vlanHosts: wires }),
      ...(stations.length > 0 && { stations: Object.fromEntries(stations) }),
    }
  }

  function withHost(object: ObjectView): ObjectView {
    if (object.kind !== 'Workload') return object
    const placement = model.get('placement', `${object.tenant}/${object.name}`)
    if (!placement) return object
    return { ...object, host: placement.host, port: placement.port, ofport: placement.ofport }
  }
}

/** All links, or those of this name, of this host or of this gateway. */
async function linksOf({ links }: ApiParts, name?: string): Promise<readonly ObjectView[]> {
  const all = await links.views()
  if (name === undefined) return all
  const named = all.filter(
    (link) =>
      link.name === name || link.name.startsWith(`${name}@`) || link.ends.some(({ host }) => host === name),
  )
  if (named.length === 0) throw new RequestError('unknown-name', `no Link is named ${name}`)
  return named
}
