import type { BandwidthRow, PlacementRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { set } from '../src/pipeline/actions.js'
import type { RuleAction, RuleFlow, RuleMeter } from '../src/pipeline/table.js'
import { ipv4, ipv6 } from './protocols.js'

/** Where meters of workloads begin; below are those that workloads share, and from 1 those for the controller. */
const first = { shared: 0x4000, ofWorkload: 0x8000 } as const

/** The meter that workloads share at a gateway. */
export function sharedMeter({ number }: BandwidthRow): number {
  return first.shared + number
}

/** The meter of one workload: of its port, of which a host has at most 65,279, and its direction. */
export function workloadMeter({ direction }: BandwidthRow, { ofport }: PlacementRow): number {
  return first.ofWorkload + 2 * ofport + (direction === 'in' ? 1 : 0)
}

/** Limits and marks packets that match, then lets them go on. Only IP packets have room for a mark. */
export function* limited(
  { limit, dscp }: BandwidthRow,
  meter: number,
  {
    priority,
    match,
    onward,
  }: { readonly priority: number; readonly match: Match; readonly onward: RuleAction },
): Generator<RuleFlow | RuleMeter> {
  if (limit) yield { meter, unit: 'kilobits', ...limit }
  const metered = limit ? [{ type: 'meter' as const, meter }] : []
  const isIp = 'ethType' in match
  if (dscp !== undefined)
    for (const protocol of isIp ? [{}] : [ipv4, ipv6])
      yield {
        priority: priority + 1,
        match: { ...match, ...protocol },
        actions: [...metered, set('ipDscp', dscp), onward],
      }
  if (limit && (dscp === undefined || !isIp)) yield { priority, match, actions: [...metered, onward] }
}
