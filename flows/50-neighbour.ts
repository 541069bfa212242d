import { viasOf } from '../src/model/routes.js'
import { goto, inPart, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { holdingsOf, isShared, priorities } from './allowances.js'
import { stranded, tellStation } from './answers.js'
import { to } from './protocols.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'

/** The router's last step: the MAC of whoever has the address. Of a workload it is known; a station must have told it. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, part.larger.field, 'ethDst', 'ethType', 'ipv4Dst', 'ipv6Dst'],
    sets: ['ethDst'],
    next: ['switch'],
  },
  [
    rule(
      'packets that are too large',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, mtu, routed }) {
        if (routed)
          yield {
            priority: priorities.tooLarge,
            match: { [reg.network]: vni, ...inPart(part.larger, 1) },
            actions: stranded('tooLarge', 'router', mtu),
          }
      },
    ),
    rule(
      'who a route leads by',
      'route',
      ({ tenant }) => scope.tenant(tenant),
      function* (route, model) {
        for (const { network, mac } of viasOf(route, model))
          yield {
            priority: priorities.via,
            match: { [reg.network]: network.vni, ethDst: mac },
            actions: [goto('switch')],
          }
      },
    ),
    rule(
      'address of a workload',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = model.get('network', workload.network)
        if (!network?.routed) return
        for (const address of workload.addresses)
          yield {
            priority: priorities.own,
            match: { [reg.network]: network.vni, ...to(address) },
            actions: [set('ethDst', workload.mac), goto('switch')],
          }
      },
    ),
    rule(
      'further addresses of workloads',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = workload.allowed && model.get('network', workload.network)
        if (!network?.routed) return
        const { vni } = network
        for (const holding of holdingsOf(workload, network, model)) {
          const { ip, priority, macs } = holding
          const [mac = ''] = macs
          const actions = isShared(holding)
            ? [tellStation('stationSought', vni)]
            : [set('ethDst', mac), goto('switch')]
          yield { priority, match: { [reg.network]: vni, ...to(ip) }, actions }
        }
      },
    ),
    rule(
      'station that has told where it is',
      'station',
      ({ network }) => scope.network(network),
      function* ({ network: id, address, mac }, model) {
        const network = model.get('network', id)
        if (!network?.routed) return
        const actions = [set('ethDst', mac), goto('switch')]
        yield { priority: priorities.station, match: { [reg.network]: network.vni, ...to(address) }, actions }
      },
    ),
    rule(
      'addresses on a VLAN that are not known yet',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni, vlan, routed, subnet, subnet6 }) {
        if (!vlan || !routed) return
        for (const block of [subnet, subnet6])
          if (block)
            yield {
              priority: priorities.wire,
              match: { [reg.network]: vni, ...to(block) },
              actions: [tellStation('stationSought', vni)],
            }
      },
    ),
    rule(
      'addresses that nobody has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield {
          priority: priorities.nobody,
          match: { [reg.network]: vni },
          actions: stranded('noHost', 'router'),
        }
      },
    ),
  ],
)
