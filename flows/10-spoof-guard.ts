import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, linkLocal } from './addresses.js'
import { arp, dhcpRequest, from } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** OXM's value for "no VLAN tag" (OpenFlow 1.5.1, §7.2.3.8, OFPVID_NONE). */
const untagged = { vlanVid: 0 } as const

/** A workload speaks with its own MAC and addresses only, untagged; everything else that it sends ends here. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.source,
      'vlanVid',
      'ethSrc',
      'ethType',
      'ipv4Src',
      'ipv6Src',
      'arpSha',
      'arpSpa',
      'ipProto',
      'udpSrc',
      'udpDst',
    ],
    next: ['limit-out', 'arp', 'dhcp'],
  },
  [
    rule(
      'addresses of a workload',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId }, model) {
        const workload = model.get('workload', id)
        const network = model.get('network', networkId)
        if (!workload || !network) return
        const { key, mac, addresses } = workload
        const own = { [reg.source]: key, ethSrc: mac, ...untagged }
        // From whatever address: before it has one, and after the files have given it another.
        if (network.subnet && network.dhcp)
          yield { priority: 200, match: { ...own, ...dhcpRequest }, actions: [goto('dhcp')] }
        for (const address of network.subnet6 ? [...addresses, linkLocal(mac)] : addresses) {
          yield { priority: 100, match: { ...own, ...from(address) }, actions: [goto('limit-out')] }
          if (family(address) === 4)
            yield {
              priority: 100,
              match: { ...own, ...arp, arpSha: mac, arpSpa: address },
              actions: [goto('arp')],
            }
        }
      },
    ),
    rule(
      'anything else that a workload sends',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id }, model) {
        const workload = model.get('workload', id)
        if (workload) yield { priority: 1, match: { [reg.source]: workload.key }, actions: drop }
      },
    ),
  ],
)
