import { everything } from '../src/model/index-definitions.js'
import type { Reads } from '../src/model/reads.js'
import type { BridgeRow, GatewayRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { call, goto } from '../src/pipeline/actions.js'
import type { RuleAction, RuleBucket, RuleFlow, RuleGroup } from '../src/pipeline/table.js'
import { hostsOf } from './gateways.js'
import { hop, type NextHop } from './hop.js'
import { isFragment } from './protocols.js'

/**
 * Where groups begin: one that always lives, followed by those that live while a gateway does, and, above them, those
 * that choose among next hops.
 */
const first = { alive: 0x2_0000, spread: 0x4000_0000 } as const

/** The groups of one row and IP version; each is above those that it refers to. */
const part = { live: 0, all: 1, fragments: 2, entry: 3 } as const

/** Packets, and how they are told apart from others. */
export interface Stream {
  readonly priority: number
  readonly match: Match
  readonly version: 4 | 6
}

/**
 * Sends packets to one next hop, or spreads them over several by a hash of addresses and ports that is the same both
 * ways, so that a connection keeps its hop while that lives (ovs-ofctl(8), group syntax, dp_hash). Where no hop is known
 * to live, all are taken for alive. Fragments, most of which have no ports, all take the first hop that lives.
 * @param translation of the row that wants it: the number of its groups
 */
export function* sendBy(
  hops: readonly NextHop[],
  { priority, match, version }: Stream,
  { translation }: { readonly translation: number },
): Generator<RuleFlow | RuleGroup> {
  const [only, second] = hops
  if (!only) return
  const direct = [...hop, ...only.actions, goto(only.table)]
  if (!second) {
    yield { priority, match, actions: direct }
    return
  }
  const own = firstGroup({ translation }, version)
  const buckets = hops.map(({ actions, table }): RuleBucket => ({ actions: [...actions, call(table)] }))
  const fragments = { priority: priority + 1, match: { ...match, ...isFragment } }
  yield { group: own + part.all, type: 'select', buckets }
  if (!only.gateway) {
    yield { priority, match, actions: [...hop, toGroup(own + part.all)] }
    yield { ...fragments, actions: direct }
    return
  }
  const watches = hops.map(({ gateway }) => first.alive + (gateway?.number ?? 0))
  const watched = buckets.map((bucket, index) => ({ ...bucket, watchGroup: watches[index] ?? first.alive }))
  const lastly = (actions: readonly RuleAction[]) => ({ watchGroup: first.alive, actions })
  yield { group: own + part.live, type: 'select', buckets: watched }
  yield {
    group: own + part.fragments,
    type: 'fastFailover',
    buckets: [...watched, lastly([...only.actions, call(only.table)])],
  }
  yield {
    group: own + part.entry,
    type: 'fastFailover',
    buckets: [
      ...watches.map((watchGroup) => ({ watchGroup, actions: [toGroup(own + part.live)] })),
      lastly([toGroup(own + part.all)]),
    ],
  }
  yield { priority, match, actions: [...hop, toGroup(own + part.entry)] }
  yield { ...fragments, actions: [...hop, toGroup(own + part.fragments)] }
}

function firstGroup({ translation }: { readonly translation: number }, version: 4 | 6): number {
  return first.spread + translation * 8 + (version === 6 ? 4 : 0)
}

/** The number of the group that a row has for packets of an IP version. */
export function groupOf(row: { readonly translation: number }, version: 4 | 6): number {
  return firstGroup(row, version) + part.all
}

/** The number of the group that it has beside {@link groupOf} for fragments that begin connections. */
export function fragmentGroupOf(row: { readonly translation: number }, version: 4 | 6): number {
  return firstGroup(row, version) + part.fragments
}

function toGroup(group: number): RuleAction {
  return { type: 'group', group }
}

/** The groups of a bridge that live while a gateway does, for all gateways that connections are spread over. */
export function* aliveGroups(bridge: BridgeRow, reads: Reads): Generator<RuleGroup> {
  const rivals = reads.by('rivals', everything)
  if (rivals.length > 0) yield { group: first.alive, ...always }
  for (const id of rivals) {
    const gateway = reads.get('gateway', id)
    if (gateway) yield { group: first.alive + gateway.number, ...whileAlive(gateway, bridge, reads) }
  }
}

const always = { type: 'all', buckets: [{ actions: [] }] } as const

/** A gateway lives while one of its hosts does that has an uplink, as far as is known. Who carries it itself does not ask. */
function whileAlive(
  gateway: GatewayRow,
  { id, sessions }: BridgeRow,
  reads: Reads,
): Pick<RuleGroup, 'type' | 'buckets'> {
  const hasUplink = (host: string) => reads.get('carrier', `${gateway.id}@${host}`)?.isUp !== false
  const hosts = hostsOf(gateway, reads).filter(hasUplink)
  if (hosts.includes(id)) return always
  const watched = hosts.flatMap((host) => sessions?.[host] ?? [])
  const buckets = watched.map(({ watched: watchPort }) => ({ watchPort, actions: [] }))
  return { type: 'fastFailover', buckets }
}
