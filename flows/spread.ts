import { everything } from '../src/model/index-definitions.js'
import type { Reads } from '../src/model/reads.js'
import type { BridgeRow, GatewayRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { call, goto } from '../src/pipeline/actions.js'
import type { RuleBucket, RuleFlow, RuleGroup } from '../src/pipeline/table.js'
import { hostsOf } from './gateways.js'
import { hop, type NextHop } from './hop.js'
import { isFragment } from './protocols.js'

/** Where groups begin: those that tell which gateways live, and, above them, those that choose among next hops. */
const first = { alive: 0x2_0000, spread: 0x4000_0000 } as const

/** Packets, and how they are told apart from others. */
export interface Stream {
  readonly priority: number
  readonly match: Match
  readonly version: 4 | 6
}

/**
 * Sends packets to one next hop, or spreads them over several by a hash of addresses and ports that is the same both
 * ways, so that a connection keeps its hop while that lives (ovs-ofctl(8), group syntax, dp_hash). Fragments, most of
 * which have no ports, all take the first hop that lives.
 * @param translation of the row that wants it: the number of its groups
 */
export function* sendBy(
  hops: readonly NextHop[],
  { priority, match, version }: Stream,
  { translation }: { readonly translation: number },
): Generator<RuleFlow | RuleGroup> {
  const [only, second] = hops
  if (!only) return
  if (!second) {
    yield { priority, match, actions: [...hop, ...only.actions, goto(only.table)] }
    return
  }
  const group = first.spread + translation * 4 + (version === 6 ? 2 : 0)
  const buckets = hops.map(
    ({ actions, table, gateway }): RuleBucket => ({
      ...(gateway && { watchGroup: first.alive + gateway.number }),
      actions: [...actions, call(table)],
    }),
  )
  yield { group, type: 'select', buckets }
  yield { priority, match, actions: [...hop, { type: 'group', group }] }
  const fragments = { priority: priority + 1, match: { ...match, ...isFragment } }
  if (!only.gateway) {
    yield { ...fragments, actions: [...hop, ...only.actions, goto(only.table)] }
    return
  }
  yield { group: group + 1, type: 'fastFailover', buckets }
  yield { ...fragments, actions: [...hop, { type: 'group', group: group + 1 }] }
}

/** The groups of a bridge that live while a gateway does, for all gateways that connections are spread over. */
export function* aliveGroups(bridge: BridgeRow, reads: Reads): Generator<RuleGroup> {
  for (const id of reads.by('rivals', everything)) {
    const gateway = reads.get('gateway', id)
    if (gateway) yield aliveGroup(gateway, bridge, reads)
  }
}

/** A gateway lives while one of its hosts does. Who carries it itself, or watches none of its hosts, takes it for alive. */
function aliveGroup(gateway: GatewayRow, { id, sessions }: BridgeRow, reads: Reads): RuleGroup {
  const group = first.alive + gateway.number
  const hosts = hostsOf(gateway, reads)
  const watched = hosts.flatMap((host) => sessions?.[host] ?? [])
  if (hosts.includes(id) || watched.length === 0) return { group, type: 'all', buckets: [{ actions: [] }] }
  return {
    group,
    type: 'fastFailover',
    buckets: watched.map(({ watched: watchPort }) => ({ watchPort, actions: [] })),
  }
}
