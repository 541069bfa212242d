import type { Reads } from '../src/model/reads.js'
import type { BandwidthRow, PlacementRow, WorkloadRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { set } from '../src/pipeline/actions.js'
import { type Rule, type RuleAction, type RuleFlow, type RuleMeter, rule } from '../src/pipeline/table.js'
import { ipv4, ipv6 } from './protocols.js'
import { scope } from './scopes.js'

/** Where meters of workloads begin; below are those that workloads share, and from 1 those for the controller. */
const first = { shared: 0x4000, ofWorkload: 0x8000, ofSubPort: 0x2_8000 } as const

/** Count of sub-ports that can have meters of their own on one host: OpenFlow numbers end at 199,999 here. */
const subPorts = 18_000

/** The meter that workloads share at a gateway. */
export function sharedMeter({ number }: BandwidthRow): number {
  return first.shared + number
}

/**
 * The meter of one workload and direction: of its port, of which a host has at most 65,279; or of its key, where several
 * workloads are on one port.
 */
function workloadMeter(
  { direction }: BandwidthRow,
  { ofport, tag }: PlacementRow,
  { key }: WorkloadRow,
): number {
  const base = tag === undefined ? first.ofWorkload + 2 * ofport : first.ofSubPort + 2 * (key % subPorts)
  return base + (direction === 'in' ? 1 : 0)
}

/** What each workload may send or get, at its own host. */
export function limitOfWorkload(
  direction: BandwidthRow['direction'],
  of: (workload: WorkloadRow) => Match,
  onward: (placement: PlacementRow, reads: Reads) => readonly RuleAction[],
): Rule<'share'> {
  const isOurs = (share: Pick<BandwidthRow, 'direction' | 'scope'>) =>
    share.scope === 'workload' && share.direction === direction
  return rule(
    'limit of a workload',
    'share',
    (share, model) => {
      const placement = isOurs(share) ? model.get('placement', share.workload) : undefined
      return placement && scope.host(placement.host)
    },
    (share, model) => limitedFlows(share, model, { of, onward }),
  )
}

function* limitedFlows(
  share: { readonly bandwidth: string; readonly workload: string },
  model: Reads,
  {
    of,
    onward,
  }: {
    readonly of: (workload: WorkloadRow) => Match
    readonly onward: (placement: PlacementRow, reads: Reads) => readonly RuleAction[]
  },
): Generator<RuleFlow | RuleMeter> {
  const bandwidth = model.get('bandwidth', share.bandwidth)
  const placement = model.get('placement', share.workload)
  const workload = model.get('workload', share.workload)
  if (!bandwidth || !placement || !workload) return
  const meter = workloadMeter(bandwidth, placement, workload)
  const next = onward(placement, model)
  yield* limited(bandwidth, meter, { priority: 200, match: of(workload), onward: next })
}

/** Limits and marks packets that match, then lets them go on. Only IP packets have room for a mark. */
export function* limited(
  { limit, dscp }: BandwidthRow,
  meter: number,
  {
    priority,
    match,
    onward,
  }: { readonly priority: number; readonly match: Match; readonly onward: readonly RuleAction[] },
): Generator<RuleFlow | RuleMeter> {
  if (limit) yield { meter, unit: 'kilobits', ...limit }
  const metered = limit ? [{ type: 'meter' as const, meter }] : []
  const isIp = 'ethType' in match
  if (dscp !== undefined)
    for (const protocol of isIp ? [{}] : [ipv4, ipv6])
      yield {
        priority: priority + 1,
        match: { ...match, ...protocol },
        actions: [...metered, set('ipDscp', dscp), ...onward],
      }
  if (limit && (dscp === undefined || !isIp)) yield { priority, match, actions: [...metered, ...onward] }
}
