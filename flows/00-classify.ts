import type { Reads } from '../src/model/reads.js'
import type { BridgeRow } from '../src/model/rows.js'
import { drop, goto, set, setPart } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { hostMac } from './addresses.js'
import { meters, toController } from './answers.js'
import {
  connectedGroup,
  groups,
  guardGroup,
  guardOf,
  isShared,
  ownGroup,
  sessionsOf,
  settlingGroup,
} from './failover.js'
import { ask, echoes, overhear } from './holders.js'
import { noteWorkload } from './policy/entry.js'
import { arp, lldp, neighbourAdvertisement } from './protocols.js'
import { origin, part, reg } from './registers.js'
import { scope } from './scopes.js'
import { popTag, tagged } from './trunks.js'
import { tunnelTo } from './tunnels.js'

/** Where a packet comes from: what every later table goes by. Ports that are nobody's end here. */
export default table(
  import.meta.url,
  {
    matches: [
      'inPort',
      'vlanVid',
      'ethDst',
      'ethType',
      'ipv4Src',
      'ipv4Dst',
      'ipProto',
      'udpSrc',
      'udpDst',
      'arpOp',
      'icmpv6Type',
    ],
    sets: [
      reg.network,
      reg.tenant,
      reg.source,
      reg.origin,
      reg.gateway,
      reg.classHigh,
      reg.classLow,
      part.zone.field,
      'inPort16',
      'ethSrc',
      'ethDst',
      'ipTtl',
      'udpSrc',
      'tunIpv4Dst',
      'tunIpv6Dst',
    ],
    next: ['spoof-guard', 'tunnel-in', 'wire-in', 'outside', 'tunnel-out'],
  },
  [
    rule(
      'port of a workload',
      'placement',
      ({ host }) => scope.host(host),
      function* (placement, model) {
        const workload = model.get('workload', placement.id)
        const network = model.get('network', placement.network)
        const tenant = model.get('tenant', placement.tenant)
        if (!workload || !network || !tenant) return
        const { ofport: inPort, tag } = placement
        yield {
          ...(tag === undefined
            ? { priority: 100, match: { inPort } }
            : { priority: 110, match: { inPort, ...tagged(tag) } }),
          actions: [
            ...(tag === undefined ? [] : [popTag, setPart(part.tag, tag)]),
            set(reg.source, workload.key),
            set(reg.network, network.vni),
            ...noteWorkload(workload, tenant),
            goto('spoof-guard'),
          ],
        }
      },
    ),
    rule(
      'tunnel port',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ tunnelPort }) {
        if (tunnelPort === undefined) return
        yield {
          priority: 100,
          match: { inPort: tunnelPort },
          actions: [set(reg.origin, origin.tunnel), goto('tunnel-in')],
        }
      },
    ),
    rule(
      'VLAN of a network on a physical bridge',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ network: id, tag, port }, model) {
        const network = model.get('network', id)
        const tenant = network && model.get('tenant', network.tenant)
        if (!network || !tenant || port === undefined) return
        yield {
          priority: 110,
          match: { inPort: port, ...tagged(tag) },
          actions: [
            popTag,
            setPart(part.tag, tag),
            set(reg.origin, origin.wire),
            set(reg.network, network.vni),
            set(reg.tenant, tenant.number),
            goto('wire-in'),
          ],
        }
      },
    ),
    rule(
      'other VLANs of physical bridges',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ wires = {} }) {
        for (const inPort of Object.values(wires)) yield { priority: 100, match: { inPort }, actions: drop }
      },
    ),
    rule(
      'uplink of a gateway',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ uplinks }, model) {
        for (const [id, port] of Object.entries(uplinks)) {
          const gateway = model.get('gateway', id)
          if (!gateway) continue
          yield {
            priority: 100,
            match: { inPort: port },
            actions: [
              set(reg.origin, origin.outside),
              set(reg.gateway, gateway.number),
              isShared(gateway, model) ? guardOf(gateway) : goto('outside'),
            ],
          }
        }
      },
    ),
    rule(
      'answers that tell that an uplink works',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ id: host, uplinks }, model) {
        for (const [id, inPort] of Object.entries(uplinks)) {
          const gateway = model.get('gateway', id)
          if (!gateway) continue
          const answer = gateway.nextHop === undefined ? neighbourAdvertisement : { ...arp, arpOp: 2 }
          yield {
            priority: 110,
            match: { inPort, ethDst: hostMac(gateway, host), ...answer },
            actions: toController('uplink'),
          }
        }
      },
    ),
    rule(
      'who stands on the wire outside',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ uplinks }) {
        for (const inPort of Object.values(uplinks))
          yield { priority: 120, match: { inPort, ...lldp }, actions: toController('lldp', 'lldp') }
      },
    ),
    rule(
      'which host takes packets from outside',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge, model) {
        if (bridge.sessions === undefined) return
        const gateways = Object.keys(bridge.uplinks).map((id) => model.get('gateway', id))
        const shared = gateways.filter((gateway) => gateway && isShared(gateway, model))
        if (shared.length > 0) yield connectedGroup(bridge)
        for (const gateway of shared) {
          if (!gateway) continue
          yield ownGroup(gateway)
          yield guardGroup(gateway, bridge, model)
        }
      },
    ),
    rule(
      'how long a host has been in touch with others',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge) {
        const [one, two] = bridge.steady ?? []
        if (!one || !two) return
        yield settlingGroup(bridge)
        for (const [{ loop: inPort }, group] of [
          [one, groups.connected],
          [two, groups.settling],
        ] as const)
          yield { priority: 100, match: { inPort }, actions: [{ type: 'group', group }] }
      },
    ),
    rule(
      'who carries a gateway, asked',
      'bridge',
      ({ id }) => scope.host(id),
      (bridge, model) => ask(bridge, model),
    ),
    rule(
      'who carries a gateway, sent back by the next hop',
      'bridge',
      ({ id }) => scope.host(id),
      (bridge, model) => echoes(bridge, model),
    ),
    rule(
      'who carries a gateway, asked and answered over the wire outside',
      'bridge',
      ({ id }) => scope.host(id),
      (bridge, model) => overhear(bridge, model),
    ),
    rule(
      'heartbeats for other hosts',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge, model) {
        const sessions = sessionsOf(bridge, model)
        for (const [index, [other, { loop }]] of sessions.entries()) {
          const row = model.get('host', other)
          if (!row) continue
          yield {
            priority: 100,
            match: { inPort: loop },
            actions: [
              ...(index < 2 ? claims(bridge, model) : []),
              ...tunnelTo(row.tunnelIp),
              goto('tunnel-out'),
            ],
          }
        }
      },
    ),
    rule(
      'limits of packets to the controller',
      'cluster',
      () => scope.all,
      function* () {
        for (const { id: meter, packetsPerSecond: rate } of Object.values(meters))
          yield { meter, unit: 'packets', rate, burst: rate }
      },
    ),
    rule(
      'other ports',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [] }
      },
    ),
  ],
)

/** Copies of a heartbeat that tell the switches outside where a gateway's MAC is, from the host that carries it alone. */
function claims({ uplinks }: BridgeRow, model: Reads): readonly RuleAction[] {
  return Object.keys(uplinks).flatMap((id) => {
    const gateway = model.get('gateway', id)
    if (!gateway || !isShared(gateway, model)) return []
    return [set(reg.origin, origin.heartbeat), set(reg.gateway, gateway.number), guardOf(gateway)]
  })
}
