import { isAdvertised } from '../src/model/advertising.js'
import { audiencesOf } from '../src/model/services.js'
import { drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { macsOf, sharedBy } from './allowances.js'
import { toController } from './answers.js'
import {
  dhcp6Request,
  icmp6Redirect,
  ipv4,
  ipv6,
  neighbourAdvertisement,
  neighbourSolicitation,
  routerAdvertisement,
  routerSolicitation,
  to,
  udp,
} from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { askedAt } from './services.js'

const noAddress = '00:00:00:00:00:00'

/**
 * What only the network itself may say: DHCP answers, router and neighbour advertisements, redirects. And what only it
 * is asked: nobody else hears it.
 */
export default table(
  import.meta.url,
  {
    matches: [
      reg.source,
      reg.network,
      reg.tenant,
      'ethType',
      'ipProto',
      'ipv4Dst',
      'ipv6Dst',
      'udpSrc',
      'udpDst',
      'icmpv6Type',
      'ndSll',
      'ndTarget',
      'ndTll',
    ],
    next: ['service', 'egress', 'nd'],
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
          yield { priority: 200, match: message, actions: toController('foreignRouter', 'guard') }
      },
    ),
    rule(
      'router solicitations and DHCPv6',
      'network',
      ({ id }) => scope.network(id),
      function* (network) {
        const { vni, subnet6, dhcp } = network
        const at = { [reg.network]: vni }
        if (isAdvertised(network))
          yield {
            priority: 300,
            match: { ...at, ...routerSolicitation },
            actions: toController('routerSolicitation', 'dhcp'),
          }
        if (subnet6 && dhcp)
          yield { priority: 300, match: { ...at, ...dhcp6Request }, actions: toController('dhcp6', 'dhcp') }
      },
    ),
    rule(
      'neighbour solicitations of a workload',
      'placement',
      ({ host }) => scope.host(host),
      function* ({ id, network: networkId }, model) {
        if (!model.get('network', networkId)?.subnet6) return
        const workload = model.get('workload', id)
        if (!workload) return
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
        const network = model.get('network', networkId)
        const workload = network?.subnet6 ? model.get('workload', id) : undefined
        if (!workload || !network) return
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
      'packets to a service',
      'service',
      ({ id }) => scope.service(id),
      function* (service, model) {
        for (const audience of audiencesOf(service, model))
          for (const virtual of service.addresses)
            for (const at of askedAt(audience, virtual, model))
              yield {
                priority: audience.networks ? 90 : 100,
                match: { ...at, ...to(virtual) },
                actions: [{ type: 'ct', zone: audience.tenant.number, nat: {}, table: 'service' }],
              }
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
