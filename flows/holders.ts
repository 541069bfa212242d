import { addressAt } from '../src/model/outside.js'
import type { Reads } from '../src/model/reads.js'
import type { BridgeRow, GatewayRow, SessionPorts } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { anywhere, goto, output, set } from '../src/pipeline/actions.js'
import type { RuleAction, RuleFlow } from '../src/pipeline/table.js'
import { holderMac, hostMac } from './addresses.js'
import { guardOf, isPair } from './failover.js'
import { at, isEchoed } from './gateways.js'
import { bfdControl } from './protocols.js'
import { origin, reg } from './registers.js'
import { tunnelFrom, tunnelTo } from './tunnels.js'

/*
 * Questions: BFD packets of one of a gateway's hosts that come back to it while a host, itself among them, carries the
 * gateway. Who asks and who is asked stand in the source port, which BFD does not look at when a packet comes back.
 */

/** BFD control packets have source ports from here on (RFC 5881 §4). */
const firstPort = 49_152
/** A gateway of more hosts than fit asks only the first. */
const mostHosts = 64

/** A question that concerns a bridge. */
interface Question {
  readonly gateway: GatewayRow
  readonly asker: string
  readonly asked: string
  readonly udpSrc: number
  /** The pair that asks, where that is on this bridge. */
  readonly pair: SessionPorts | undefined
}

/** The questions of every gateway that a host can carry, from each of its hosts to each. */
function questions(bridge: BridgeRow, reads: Reads): readonly Question[] {
  return [bridge.holders ?? {}, bridge.lately ?? {}].flatMap((holders, kind) =>
    Object.entries(holders).flatMap(([id, pairs]): Question[] => {
      const gateway = reads.get('gateway', id)
      if (!gateway) return []
      const hosts = gateway.hosts.slice(0, mostHosts)
      return hosts.flatMap((asker, i) =>
        hosts.map((asked, j) => {
          const udpSrc = firstPort + (kind * mostHosts + i) * mostHosts + j
          return { gateway, asker, asked, udpSrc, pair: asker === bridge.id ? pairs[asked] : undefined }
        }),
      )
    }),
  )
}

/** Where questions of a host come from: out of its own pairs, and through the tunnel to other hosts. */
export function* ask(bridge: BridgeRow, reads: Reads): Generator<RuleFlow> {
  for (const { gateway, asked, udpSrc, pair } of questions(bridge, reads)) {
    const host = reads.get('host', asked)
    if (!pair || !host) continue
    const on = asked === bridge.id ? hear(gateway) : send(gateway, bridge, asked, reads)
    yield {
      priority: 100,
      match: { inPort: pair.loop, ...bfdControl },
      actions: [set('udpSrc', udpSrc), ...on],
    }
  }
}

/** What comes through the tunnel with key 0: questions of other hosts, and what others have answered. */
export function* receive(bridge: BridgeRow, reads: Reads): Generator<RuleFlow> {
  for (const question of questions(bridge, reads)) {
    const { gateway, asker, asked, udpSrc, pair } = question
    const other = reads.get('host', pair ? asked : asker)
    if (!other || other.id === bridge.id || (!pair && asked !== bridge.id)) continue
    const actions = pair ? answer(question, bridge, reads) : hear(gateway)
    const match = { tunnelId: 0n, ...tunnelFrom(other.tunnelIp), ethDst: holderMac(gateway), ...bfdControl }
    yield { priority: 210, match: { ...match, udpSrc }, actions }
  }
}

/** What the host that carries a gateway says to questions: it answers, or asks the next hop to send them back first. */
export function* say(bridge: BridgeRow, reads: Reads): Generator<RuleFlow> {
  for (const question of questions(bridge, reads)) {
    const { gateway, asked, udpSrc } = question
    if (asked !== bridge.id) continue
    const { mac, nextHop = '' } = gateway
    const address = addressAt(gateway, gateway.address, bridge.id) ?? ''
    const hop = reads.get('neighbour', `${gateway.id}/${nextHop}`)?.mac
    const echo = [set('ethSrc', mac), set('ipv4Src', address), set('ipv4Dst', address), goto('uplink-out')]
    const isSentOut = isEchoed(gateway, reads)
    yield {
      priority: 400,
      match: { ...at(gateway), [reg.origin]: origin.question, ...bfdControl, udpSrc },
      actions: !isSentOut
        ? answer(question, bridge, reads)
        : hop === undefined
          ? []
          : [set('ethDst', hop), ...echo],
    }
  }
}

/** What the next hop has sent back. */
export function* echoes(bridge: BridgeRow, reads: Reads): Generator<RuleFlow> {
  for (const question of questions(bridge, reads)) {
    const { gateway, asked, udpSrc } = question
    const inPort = bridge.uplinks[gateway.id]
    const { mac: ethDst } = gateway
    const address = addressAt(gateway, gateway.address, bridge.id)
    if (asked !== bridge.id || inPort === undefined || address === undefined || !isEchoed(gateway, reads))
      continue
    const match: Match = { inPort, ethDst, ...bfdControl, ipv4Src: address, ipv4Dst: address, udpSrc }
    // BFD takes no packet that has been forwarded (RFC 5881 §5).
    yield {
      priority: 120,
      match,
      actions: [set('ipTtl', 255), ...answer(question, bridge, reads)],
    }
  }
}

/** Of two hosts, what comes over the wire outside as well: questions of the other, and what it has answered. */
export function* overhear(bridge: BridgeRow, reads: Reads): Generator<RuleFlow> {
  if (!isPair(bridge)) return
  for (const question of questions(bridge, reads)) {
    const { gateway, asker, asked, udpSrc, pair } = question
    const inPort = bridge.uplinks[gateway.id]
    if (asker === asked || inPort === undefined) continue
    yield {
      priority: 120,
      match: { inPort, ethDst: hostMac(gateway, bridge.id), ...bfdControl, udpSrc },
      // By way of the next hop it leaves by the port that it came from.
      actions: pair ? answer(question, bridge, reads) : [anywhere, ...hear(gateway)],
    }
  }
}

function hear(gateway: GatewayRow): readonly RuleAction[] {
  return [set(reg.origin, origin.question), set(reg.gateway, gateway.number), guardOf(gateway)]
}

/** Back to who has asked: into its own pair, or to its host. */
function answer({ gateway, asker, pair }: Question, bridge: BridgeRow, reads: Reads): readonly RuleAction[] {
  return [anywhere, ...(pair ? [output(pair.loop)] : send(gateway, bridge, asker, reads))]
}

/**
 * To another of a gateway's hosts, through the tunnel. Where there are but two, also over the wire outside: with nobody
 * else to ask, one that is cut off from the other must not take it for dead.
 */
function send(gateway: GatewayRow, bridge: BridgeRow, host: string, reads: Reads): readonly RuleAction[] {
  const row = reads.get('host', host)
  if (!row) return []
  const uplink = bridge.uplinks[gateway.id]
  const outside =
    isPair(bridge) && uplink !== undefined
      ? [set('ethSrc', hostMac(gateway, bridge.id)), set('ethDst', hostMac(gateway, host)), output(uplink)]
      : []
  return [...outside, set('ethDst', holderMac(gateway)), ...tunnelTo(row.tunnelIp), goto('tunnel-out')]
}
