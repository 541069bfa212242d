import type { WorkloadRow } from '../src/model/rows.js'
import { call, drop, goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { exitMac, holderMac } from './addresses.js'
import { macsOf, soleMacsOf } from './allowances.js'
import { guardOf, isShared } from './failover.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'
import { fromWire, wireScope } from './wires.js'

/** Every group address has this bit set (IEEE 802, §8.2). */
const groupAddress = { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' } as const

/** From a MAC in a network to whom it belongs. A MAC of another network is as unknown as one that does not exist. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.origin, 'ethDst'],
    sets: [reg.destination, reg.origin, reg.gateway],
    next: ['flood', 'output', 'wire-out'],
  },
  [
    rule(
      'MAC of a workload',
      'workload',
      ({ network }) => scope.network(network),
      function* ({ network: id, mac, key }, model) {
        const network = model.get('network', id)
        if (!network) return
        yield {
          priority: 100,
          match: { [reg.network]: network.vni, ethDst: mac },
          actions: [set(reg.destination, key), goto('output')],
        }
      },
    ),
    rule(
      'further MACs of workloads',
      'workload',
      ({ network }) => scope.network(network),
      function* (workload, model) {
        const network = workload.allowed && model.get('network', workload.network)
        if (!network) return
        for (const ethDst of macsOf(workload).slice(1)) {
          const holders = model.by('workloadsByFurtherMac', `${network.id} ${ethDst}`)
          if (holders[0]?.id !== workload.id) continue
          const toHolder = ({ key }: WorkloadRow, next: RuleAction) => [set(reg.destination, key), next]
          const actions =
            holders.length === 1
              ? toHolder(workload, goto('output'))
              : holders.flatMap((holder) => toHolder(holder, call('output')))
          yield { priority: 100, match: { [reg.network]: network.vni, ethDst }, actions }
          // From a VLAN packets are for workloads of this host only, whichever of them it is.
          if (network.vlan && holders.length > 1)
            yield {
              priority: fromWire.station,
              match: { [reg.network]: network.vni, [reg.origin]: origin.wire, ethDst },
              actions: [goto('flood')],
            }
        }
      },
    ),
    rule(
      'packets from other hosts to the outside',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        yield {
          priority: 100,
          match: { [reg.origin]: origin.tunnel, ethDst: exitMac(gateway) },
          actions: [set(reg.destination, gateway.key), goto('output')],
        }
      },
    ),
    rule(
      'packets to the outside that another host of the gateway hands on',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        if (!isShared(gateway, model)) return
        const { number } = gateway
        yield {
          priority: 100,
          match: { [reg.origin]: origin.tunnel, ethDst: holderMac(gateway) },
          actions: [set(reg.gateway, number), set(reg.origin, origin.exit), guardOf(gateway)],
        }
      },
    ),
    rule(
      'packets from a VLAN',
      'wire',
      ({ host }) => scope.host(host),
      function* (wire, model) {
        const network = model.get('network', wire.network)
        if (!network || wire.port === undefined) return
        const at = { [reg.network]: network.vni, [reg.origin]: origin.wire }
        const group = { ...at, ethDst: groupAddress }
        yield { priority: fromWire.station, match: group, actions: [goto('flood')] }
        // Every host of the VLAN sees a packet that the switches there do not know the way of.
        yield { priority: fromWire.rest, match: at, actions: drop }
      },
    ),
    rule('packets from a VLAN for a workload', 'placement', wireScope, function* ({ id }, model) {
      const workload = model.get('workload', id)
      const network = workload && model.get('network', workload.network)
      if (!workload || !network) return
      for (const ethDst of soleMacsOf(workload, model))
        yield {
          priority: fromWire.station,
          match: { [reg.network]: network.vni, [reg.origin]: origin.wire, ethDst },
          actions: [set(reg.destination, workload.key), goto('output')],
        }
    }),
    rule(
      'physical stations',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ network: id }, model) {
        const network = model.get('network', id)
        if (network) yield { priority: 5, match: { [reg.network]: network.vni }, actions: [goto('wire-out')] }
      },
    ),
    rule(
      'broadcast and multicast',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: 50, match: { [reg.network]: vni, ethDst: groupAddress }, actions: [goto('flood')] }
      },
    ),
    rule(
      'MACs that nobody in the network has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: 1, match: { [reg.network]: vni }, actions: drop }
      },
    ),
  ],
)
