import { workloadsOf } from '../src/model/routes.js'
import type { Allowance, WorkloadRow } from '../src/model/rows.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { type RuleAction, type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, linkLocal, longest } from './addresses.js'
import { macsOf } from './allowances.js'
import { copiesOfSent } from './copies.js'
import { arp, dhcpRequest, from } from './protocols.js'
import { reg } from './registers.js'
import { blocksOf } from './routes.js'
import { scope } from './scopes.js'

/** OXM's value for "no VLAN tag" (OpenFlow 1.5.1, §7.2.3.8, OFPVID_NONE). */
const untagged = { vlanVid: 0 } as const

/**
 * A workload speaks with MACs and addresses that it may use only, untagged; everything else that it sends ends here. One
 * that takes on packets of a route may also speak for what is beyond it.
 */
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
    sets: [reg.network],
    next: ['limit-out', 'forward-guard', 'arp', 'dhcp', 'mirror'],
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
        const { addresses, mac, allowed = [] } = workload
        const copies = copiesOfSent(workload, model)
        // From whatever address: before it has one, and after the files have given it another.
        if (network.subnet && network.dhcp)
          yield {
            priority: 2000,
            match: { [reg.source]: workload.key, ethSrc: mac, ...untagged, ...dhcpRequest },
            actions: [...copies, goto('dhcp')],
          }
        const pairs = [...addresses.map((ip) => ({ ip, mac })), ...allowed]
        const local = network.subnet6
          ? macsOf(workload).map((each) => ({ ip: linkLocal(each), mac: each }))
          : []
        for (const each of [...pairs, ...local]) yield* use(workload, each, copies)
      },
    ),
    rule(
      'addresses beyond a workload',
      'route',
      ({ tenant }) => scope.tenant(tenant),
      function* (route, model) {
        for (const { workload, mac } of workloadsOf(route, model)) {
          const own = { [reg.source]: workload.key, ethSrc: mac, ...untagged }
          const asking = (arpSpa: string) =>
            family(arpSpa) === 4 ? [{ ...own, ...arp, arpSha: mac, arpSpa }] : []
          const priority = longest(route.to) + 1
          const copies = copiesOfSent(workload, model)
          const pass = (next: string) => [...copies, goto(next)]
          yield { priority, match: { ...own, ...from(route.to) }, actions: pass('limit-out') }
          for (const match of asking(route.to)) yield { priority, match, actions: pass('arp') }
          for (const block of blocksOf(route, model)) {
            const below = longest(block)
            yield { priority: below, match: { ...own, ...from(block) }, actions: pass('forward-guard') }
            for (const match of asking(block)) yield { priority: below, match, actions: drop }
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

/** Packets of a workload with an address or block and a MAC that it may use. */
function* use(
  { key }: WorkloadRow,
  { ip, mac }: Allowance,
  copies: readonly RuleAction[],
): Generator<RuleFlow> {
  const own = { [reg.source]: key, ethSrc: mac, ...untagged }
  yield { priority: 1000, match: { ...own, ...from(ip) }, actions: [...copies, goto('limit-out')] }
  if (family(ip) === 4) {
    const match = { ...own, ...arp, arpSha: mac, arpSpa: ip }
    yield { priority: 1000, match, actions: [...copies, goto('arp')] }
  }
}
