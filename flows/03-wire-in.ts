import { peersOf } from '../src/model/peers.js'
import type { Reads } from '../src/model/reads.js'
import type { NetworkRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, wireMacs } from './addresses.js'
import { macsOf } from './allowances.js'
import { arp, from, ipv4, ipv6, neighbourAdvertisement, neighbourSolicitation } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/**
 * What comes from the VLAN of a network: of physical stations. What workloads and routers send there comes round to other
 * hosts, which have it by the tunnel already; who speaks with an address of theirs is an impostor.
 */
export default table(
  import.meta.url,
  {
    matches: [
      reg.network,
      'vlanVid',
      'ethSrc',
      'ethType',
      'ipv4Src',
      'ipv6Src',
      'arpSpa',
      'ipProto',
      'icmpv6Type',
    ],
    next: ['arp', 'nd', 'router'],
  },
  [
    rule(
      'routers of other hosts, and tags within tags',
      'bridge',
      ({ id }) => scope.host(id),
      function* ({ wires }) {
        if (!wires) return
        yield { priority: 300, match: { ethSrc: wireMacs }, actions: drop }
        yield { priority: 300, match: { vlanVid: { value: 0x1000, mask: 0x1000 } }, actions: drop }
      },
    ),
    rule(
      'MACs and addresses of workloads',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = model.get('network', workload.network)
        if (!network?.vlan) return
        const { vni } = network
        for (const ethSrc of macsOf(workload))
          yield { priority: 300, match: { [reg.network]: vni, ethSrc }, actions: drop }
        const ips = [...workload.addresses, ...(workload.allowed ?? []).map(({ ip }) => ip)]
        for (const ip of new Set(ips))
          for (const match of by(ip))
            yield { priority: 200, match: { [reg.network]: vni, ...match }, actions: drop }
      },
    ),
    rule(
      'addresses of the router, and of the networks behind it',
      'network',
      ({ id }) => scope.network(id),
      function* (network, model) {
        const { vni, vlan, routed, gateway, gateway6 } = network
        if (!vlan || !routed) return
        for (const ip of [gateway, gateway6])
          for (const match of ip === undefined ? [] : by(ip))
            yield { priority: 200, match: { [reg.network]: vni, ...match }, actions: drop }
        for (const block of blocksBehind(network, model))
          yield { priority: 150, match: { [reg.network]: vni, ...from(block) }, actions: drop }
      },
    ),
    rule(
      'physical stations',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, vlan, subnet, subnet6 }) {
        if (!vlan) return
        const at = { [reg.network]: vni }
        if (subnet) {
          yield { priority: 100, match: { ...at, ...arp }, actions: [goto('arp')] }
          yield { priority: 100, match: { ...at, ...ipv4 }, actions: [goto('router')] }
        }
        if (subnet6) {
          for (const message of [neighbourSolicitation, neighbourAdvertisement])
            yield { priority: 110, match: { ...at, ...message }, actions: [goto('nd')] }
          yield { priority: 100, match: { ...at, ...ipv6 }, actions: [goto('router')] }
        }
        yield { priority: 1, match: at, actions: drop }
      },
    ),
  ],
)

/** Packets and ARP from an address or block. */
function by(ip: string): readonly Match[] {
  return family(ip) === 4 ? [from(ip), { ...arp, arpSpa: ip }] : [from(ip)]
}

/** The subnets that the router of a network joins it to: nobody on its VLAN has an address of theirs. */
function blocksBehind({ id, tenant }: NetworkRow, model: Reads): readonly string[] {
  const own = model.by('networksByTenant', tenant).filter((other) => other.routed && other.id !== id)
  const theirs = [...peersOf(tenant, model)].flatMap((peer) =>
    peer.ours.some((network) => network.id === id) ? peer.theirs : [],
  )
  const blocks = [...own, ...theirs].flatMap(({ subnet, subnet6 }) => [subnet, subnet6])
  return [...new Set(blocks.filter((block) => block !== undefined))]
}
