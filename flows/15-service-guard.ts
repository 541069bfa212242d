import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { toController } from './answers.js'
import {
  icmp6Redirect,
  ipv4,
  ipv6,
  neighbourAdvertisement,
  neighbourSolicitation,
  routerAdvertisement,
  udp,
} from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

const noAddress = '00:00:00:00:00:00'

/** What only the network itself may say: DHCP answers, router and neighbour advertisements, redirects. */
export default table(
  import.meta.url,
  {
    matches: [reg.source, 'ethType', 'ipProto', 'udpSrc', 'udpDst', 'icmpv6Type', 'ndSll'],
    next: ['egress', 'nd'],
  },
  [
    rule(
      'DHCP answers',
      'cluster',
      () => scope.all,
      function* () {
        // A client hears whoever writes to its port, and a relay whoever writes from a server's.
        for (const [family, server, client] of [
          [ipv4, 67, 68],
          [ipv6, 547, 546],
        ] as const) {
          const actions = toController('dhcpServer', 'guard')
          yield { priority: 201, match: { ...family, ...udp, udpSrc: server }, actions }
          yield { priority: 200, match: { ...family, ...udp, udpDst: client }, actions }
        }
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
        for (const ndSll of [workload.mac, noAddress])
          yield {
            priority: 300,
            match: { [reg.source]: workload.key, ...neighbourSolicitation, ndSll },
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
