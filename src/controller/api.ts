import type { Observable } from 'rxjs'
import { type ControllerApi, type ObjectView, RequestError } from '../api/contract.js'
import type { Failover } from '../gateway/failover.js'
import { kindNamed, kindNames } from '../policy/index.js'
import type { RouterFigures } from '../router/router.js'
import type { VerdictFigures } from '../verdicts/verdicts.js'
import type { GatewayCounterReader } from './counters/gateway-counters.js'
import type { RuleCounterReader } from './counters/rule-counters.js'
import type { Links } from './links.js'
import type { Sources } from './sources.js'
import type { StationServiceFigures } from './station-services.js'
import type { VerdictLog } from './verdict-log.js'
import type { BandwidthViews } from './views/bandwidth-views.js'
import type { FlowListing } from './views/flow-listing.js'
import type { MirrorViews } from './views/mirror-views.js'
import { objectViews } from './views/object-views.js'
import type { RouteViews } from './views/route-views.js'
import type { ServiceViews } from './views/service-views.js'
import { type StatusParts, statusOf } from './views/status.js'
import type { WhereaboutsFigures } from './whereabouts.js'

export interface ApiParts extends StatusParts {
  readonly sources: Sources
  readonly flows: FlowListing
  readonly failover: Failover
  readonly links: Links
  readonly verdicts: { readonly figures: VerdictFigures }
  readonly router: { readonly figures: RouterFigures }
  readonly services: { readonly figures: StationServiceFigures }
  readonly whereabouts: { readonly figures: WhereaboutsFigures }
  readonly verdictLog: VerdictLog
  readonly ruleCounters: RuleCounterReader
  readonly gatewayCounters: GatewayCounterReader
  readonly routes: RouteViews
  readonly bandwidths: BandwidthViews
  readonly mirrors: MirrorViews
  readonly serviceViews: ServiceViews
  readonly statusChanges: Observable<void>
  readonly reread: () => Promise<void>
}

/** The controller as its clients see it. */
export function controllerApi(parts: ApiParts): ControllerApi {
  const { model, engine, loop, policy, bridges, sources } = parts
  const describe = objectViews(parts)
  return {
    statusChanges: parts.statusChanges,
    status: () => statusOf(parts),
    get: (kind, name) => getObjects(parts, kind, name),
    flows: (query) => parts.flows.read(query),
    follow: (query) => parts.flows.follow(query),
    log: (query) => parts.verdictLog.entries(query),
    followLog: (query) => parts.verdictLog.follow(query),
    ruleCounters: () => parts.ruleCounters.read(),
    gatewayCounters: () => parts.gatewayCounters.read(),
    routeCounters: () => parts.routes.counts(),
    limitCounters: () => parts.bandwidths.counts(),
    mirrorCounters: () => parts.mirrors.counts(),
    serviceCounters: async () => [...(await parts.serviceViews.counts()).values()],
    explain: (cookie) => sources.explain(cookie),
    reread: parts.reread,
    figures: () => ({
      objects: policy.counts(),
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
      units: engine.unitCount,
      links: parts.links.figures(),
      verdicts: parts.verdicts.figures,
      router: parts.router.figures,
      dhcp: parts.services.figures.dhcp,
      services: parts.services.figures,
      whereabouts: parts.whereabouts.figures,
    }),
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
