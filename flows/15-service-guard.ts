import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { macsOf, sharedBy } from './allowances.js'
import {
  icmp6Redirect,
  ipv4,
  ipv6,
  neighbourAdvertisement,
  neighbourSolicitation,
  routerAdvertisement,
} from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

const udp = 17
const noAddress = '00:00:00:00:00:00'

/** What only the network itself may say: DHCP answers, router and neighbour advertisements, redirects. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.source,
      'ethType',
      'ipProto',
      'udpSrc',
      'udpDst',
      'icmpv6Type',
      'ndSll',
      'ndTarget',
      'ndTll',
    ],
    next: ['egress', 'nd'],
  },
  [
    rule(
      'DHCP answers',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 200, match: { ...ipv4, ipProto: udp, udpSrc: 67, udpDst: 68 }, actions: drop }
        yield { priority: 200, match: { ...ipv6, ipProto: udp, udpSrc: 547, udpDst: 546 }, actions: drop }
      },
    ),
    rule(
      'router advertisements and redirects',
      'cluster',
      () => scope.all,
      function* () {
        for (const message of [routerAdvertisement, icmp6Redirect])
          yield { priority: 200, match: message, actions: drop }
      },
    ),
    rule(
      'neighbour solicitations of a workload',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId }, model) {
        const workload = model.get('workload', id)
        if (!workload || !model.get('network', networkId)?.subnet6) return
        for (const ndSll of [...macsOf(workload), noAddress])
          yield {
            priority: 300,
            match: { [reg.source]: workload.key, ...neighbourSolicitation, ndSll },
            actions: [goto('nd')],
          }
      },
    ),
    rule(
      'neighbour advertisements for addresses that several may use',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId }, model) {
        const workload = model.get('workload', id)
        const network = model.get('network', networkId)
        if (!workload || !network?.subnet6) return
        for (const { ip, mac: ndTll } of sharedBy(workload, network, model))
          if (family(ip) === 6)
            yield {
              priority: 300,
              match: { [reg.source]: workload.key, ...neighbourAdvertisement, ndTarget: ip, ndTll },
              actions: [goto('nd')],
            }
      },
    ),
    rule(
      'other neighbour discovery',
      'cluster',
      () => scope.all,
      function* () {
        for (const message of [neighbourSolicitation, neighbourAdvertisement])
          yield { priority: 200, match: message, actions: drop }
      },
    ),
    rule(
      'everything else',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: [goto('egress')] }
      },
    ),
  ],
)
