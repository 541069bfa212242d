import { everything } from '../src/model/index-definitions.js'
import type { Reads } from '../src/model/reads.js'
import type { BridgeRow, GatewayRow, SessionPorts } from '../src/model/rows.js'
import { anywhere, call, reflect, set } from '../src/pipeline/actions.js'
import type { RuleAction, RuleBucket, RuleGroup } from '../src/pipeline/table.js'
import { exitMac, holderMac } from './addresses.js'
import { hostsOf } from './gateways.js'
import { origin, reg } from './registers.js'
import { tunnelTo } from './tunnels.js'

/**
 * Groups of a bridge: alive while some host that it watches is; and while that has been so for some time. Packets that
 * a pair sends to itself by way of them come back as long.
 */
export const groups = { connected: 1, settling: 2 } as const
/** Where the groups of gateways begin. */
const first = { own: 0x8000, choice: 0x1_0000, guard: 0x1_8000 } as const

/** The group that sends a packet to the host that carries a gateway: out of here, or into the tunnel. */
export function choiceOf({ number }: GatewayRow): RuleAction {
  return { type: 'group', group: first.choice + number }
}

/** The group that lets a packet go on to `outside` where its host carries the gateway, and drops it elsewhere. */
export function guardOf({ number }: GatewayRow): RuleAction {
  return { type: 'group', group: first.guard + number }
}

/** The gateways that several hosts can carry. */
export function sharedGateways(reads: Reads): readonly GatewayRow[] {
  return reads.by('gateways', everything).filter((gateway) => isShared(gateway, reads))
}

export function isShared(gateway: GatewayRow, reads: Reads): boolean {
  return hostsOf(gateway, reads).length > 1
}

/** Whether a host and one other are the whole cluster. */
export function isPair({ sessions = {} }: BridgeRow): boolean {
  return Object.keys(sessions).length === 1
}

/** The sessions of a bridge with hosts that are to be counted on. */
export function sessionsOf(
  { id, sessions = {} }: BridgeRow,
  reads: Reads,
): readonly (readonly [host: string, ports: SessionPorts])[] {
  const isSuspended = (host: string) => reads.by('suspensions', host).length > 0
  return Object.entries(sessions).filter(([host]) => !isSuspended(id) && !isSuspended(host))
}

/**
 * Alive while some other host is, on each host of a gateway. With one other host alone nobody can say which of the two
 * is cut off, so that neither gives up.
 */
export function connectedGroup(bridge: BridgeRow): RuleGroup {
  const others = Object.values(bridge.sessions ?? {})
  const buckets = isPair(bridge)
    ? whileAlways(bridge, [reflect])
    : others.flatMap((ports) => whileAlive(ports, [reflect]))
  return { group: groups.connected, type: 'fastFailover', buckets }
}

/** The second of two stages: the first must have been up for the time that this one takes. */
export function settlingGroup({ steady: [stage] = [] }: BridgeRow): RuleGroup {
  const buckets = whileAlive(stage, [{ type: 'group', group: groups.connected }])
  return { group: groups.settling, type: 'fastFailover', buckets }
}

/** What a gateway's host does by itself: only while it is in touch with others, for else they have given it up. */
export function ownGroup({ number }: GatewayRow): RuleGroup {
  const buckets = [{ watchGroup: groups.connected, actions: [call('outside')] }]
  return { group: first.own + number, type: 'fastFailover', buckets }
}

/**
 * The group behind {@link choiceOf} on a bridge. Hosts of the gateway hand on only what the other then serves or drops,
 * so that no packet goes in circles while they disagree.
 */
export function choiceGroup(gateway: GatewayRow, bridge: BridgeRow, reads: Reads): RuleGroup {
  const hosts = hostsOf(gateway, reads)
  const group = first.choice + gateway.number
  const via = (mac: string) => (host: string) => handOn(host, mac, reads)
  if (!hosts.includes(bridge.id)) {
    const towards = via(exitMac(gateway))
    const buckets = hosts.flatMap((host) => whileAlive(bridge.sessions?.[host], towards(host)))
    const [best] = hosts
    const blind = best === undefined ? [] : whileAlways(bridge, towards(best))
    return { group, type: 'fastFailover', buckets: [...buckets, ...blind] }
  }
  const exit = [set(reg.gateway, gateway.number), set(reg.origin, origin.exit)]
  const buckets = succession(gateway, bridge, reads, { serve: exit, passOn: via(holderMac(gateway)) })
  return { group, type: 'fastFailover', buckets }
}

/** The group behind {@link guardOf} on a bridge of one of the gateway's hosts. */
export function guardGroup(gateway: GatewayRow, bridge: BridgeRow, reads: Reads): RuleGroup {
  const group = first.guard + gateway.number
  const buckets = succession(gateway, bridge, reads, { serve: [], passOn: () => [] })
  return { group, type: 'fastFailover', buckets }
}

/**
 * Whether one of a gateway's hosts carries it. By its order: while no host before it lives, and, unless it is the first,
 * only after there was time enough to see whether one does. Once it is held, by who says that he carries it; if nobody does,
 * who did lately has failed, and the first of the others takes over; if nobody did, by the order again.
 */
function succession(
  gateway: GatewayRow,
  bridge: BridgeRow,
  reads: Reads,
  {
    serve,
    passOn,
  }: { readonly serve: readonly RuleAction[]; readonly passOn: (host: string) => readonly RuleAction[] },
): readonly RuleBucket[] {
  const hosts = hostsOf(gateway, reads)
  const own: readonly RuleAction[] = [...serve, { type: 'group', group: first.own + gateway.number }]
  const { holders = {}, lately = {} } = bridge
  const [now, past] = [holders[gateway.id] ?? {}, lately[gateway.id] ?? {}]
  // Of two hosts the other may live though it is heard over the wire outside only, in answers.
  const signs = (host: string) => [bridge.sessions?.[host], isPair(bridge) ? now[host] : undefined]
  const before = (order: readonly string[]) =>
    order
      .slice(0, order.indexOf(bridge.id))
      .flatMap((host) => signs(host).flatMap((ports) => whileAlive(ports, passOn(host))))
  const isHeld = reads.get('succession', gateway.id)?.isHeld === true
  const [, steady] = bridge.steady ?? []
  if (!steady || (!isHeld && hosts[0] === bridge.id)) return [...before(hosts), ...whileAlways(bridge, own)]
  const next = (failed: string) => hosts.find((host) => host !== failed)
  const other = next(bridge.id)
  const blind = other === undefined ? [] : passOn(other)
  const byOrder = [...before(hosts), ...whileAlive(steady, own), ...whileAlways(bridge, blind)]
  if (!isHeld) return byOrder
  return [
    ...hosts.flatMap((host) => whileAlive(now[host], host === bridge.id ? own : passOn(host))),
    ...whileAlive(past[bridge.id], blind),
    ...hosts.flatMap((host) => (next(host) === bridge.id ? whileAlive(past[host], own) : [])),
    ...byOrder,
  ]
}

function handOn(host: string, mac: string, reads: Reads): readonly RuleAction[] {
  const row = reads.get('host', host)
  return row ? [anywhere, set('ethDst', mac), ...tunnelTo(row.tunnelIp), call('tunnel-out')] : []
}

function whileAlive(ports: SessionPorts | undefined, actions: readonly RuleAction[]): readonly RuleBucket[] {
  return ports ? [{ watchPort: ports.watched, actions }] : []
}

/** A fast-failover bucket must watch something (OpenFlow 1.5.1, §7.3.4.3.1): the other end of a session never dies. */
function whileAlways({ sessions = {} }: BridgeRow, actions: readonly RuleAction[]): readonly RuleBucket[] {
  const [ports] = Object.values(sessions)
  return ports ? [{ watchPort: ports.loop, actions }] : []
}
