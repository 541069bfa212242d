import { everything } from '../src/model/index-definitions.js'
import type { Reads } from '../src/model/reads.js'
import type { BridgeRow, GatewayRow, SessionPorts } from '../src/model/rows.js'
import { call, set } from '../src/pipeline/actions.js'
import type { RuleAction, RuleBucket, RuleGroup } from '../src/pipeline/table.js'
import { hostsOf } from './gateways.js'
import { reg } from './registers.js'
import { tunnelTo } from './tunnels.js'

/** Group of a bridge that is alive while some host that it watches is. */
const connected = 1
/** Where the groups of gateways begin. */
const first = { choice: 0x1_0000, guard: 0x1_8000 } as const

/** The group that sends a packet to the host that carries a gateway: out of here, or into the tunnel. */
export function choiceOf({ number }: GatewayRow): RuleAction {
  return { type: 'group', group: first.choice + number }
}

/** The group that lets a packet from outside go on where its host carries the gateway, and drops it elsewhere. */
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

/** The sessions of a bridge with hosts that are to be counted on. */
export function sessionsOf(
  { id, sessions = {} }: BridgeRow,
  reads: Reads,
): readonly (readonly [host: string, ports: SessionPorts])[] {
  const isSuspended = (host: string) => reads.by('suspensions', host).length > 0
  return Object.entries(sessions).filter(([host]) => !isSuspended(id) && !isSuspended(host))
}

/** Alive while some other host is, on each host of a gateway. */
export function connectedGroup(bridge: BridgeRow): RuleGroup {
  const watched = Object.values(bridge.sessions ?? {})
  return {
    group: connected,
    type: 'fastFailover',
    buckets: watched.map(({ watched: watchPort }) => ({ watchPort, actions: [] })),
  }
}

/** No port at all as the way that the packet came by: a switch sends nothing back to the port that it came from. */
const anywhere = set('inPort16', 0)

/**
 * The group behind {@link choiceOf} on a bridge. Hosts of the gateway only hand on to those before them, so that no
 * packet goes in circles while they disagree.
 */
export function choiceGroup(gateway: GatewayRow, bridge: BridgeRow, reads: Reads): RuleGroup {
  const hosts = hostsOf(gateway, reads)
  const position = hosts.indexOf(bridge.id)
  const others = position < 0 ? hosts : hosts.slice(0, position)
  const buckets = others.flatMap((host) => towards(host, bridge, reads))
  const onward =
    position < 0
      ? buckets.slice(0, 1).map(({ actions }) => ({ ...alwaysAlive(bridge), actions }))
      : own(bridge, [set(reg.gateway, gateway.number), call('exit')])
  const group = first.choice + gateway.number
  return { group, type: 'fastFailover', buckets: [...buckets, ...onward] }
}

/** The group behind {@link guardOf} on a bridge of one of the gateway's hosts. */
export function guardGroup(gateway: GatewayRow, bridge: BridgeRow, reads: Reads): RuleGroup {
  const hosts = hostsOf(gateway, reads)
  const better = hosts.slice(0, hosts.indexOf(bridge.id))
  const buckets = better.flatMap((host): RuleBucket[] => {
    const ports = bridge.sessions?.[host]
    return ports ? [{ watchPort: ports.watched, actions: [] }] : []
  })
  const group = first.guard + gateway.number
  return { group, type: 'fastFailover', buckets: [...buckets, ...own(bridge, [call('outside')])] }
}

function towards(host: string, { sessions }: BridgeRow, reads: Reads): readonly RuleBucket[] {
  const ports = sessions?.[host]
  const row = reads.get('host', host)
  if (!ports || !row) return []
  return [{ watchPort: ports.watched, actions: [anywhere, ...tunnelTo(row.tunnelIp), call('tunnel-out')] }]
}

/**
 * What a gateway's host does by itself: only while it is in touch with some other host, for else the others have given
 * it up. With one other host alone nobody can say which of the two is cut off.
 */
function own(bridge: BridgeRow, actions: readonly RuleAction[]): readonly RuleBucket[] {
  const others = Object.keys(bridge.sessions ?? {}).length
  if (others === 0) return []
  return [{ ...(others > 1 ? { watchGroup: connected } : alwaysAlive(bridge)), actions }]
}

/** A fast-failover bucket must watch something (OpenFlow 1.5.1, §7.3.4.3.1): the other end of a session never dies. */
function alwaysAlive({ sessions }: BridgeRow): Pick<RuleBucket, 'watchPort'> {
  const [ports] = Object.values(sessions ?? {})
  return ports ? { watchPort: ports.loop } : {}
}
