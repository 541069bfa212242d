import type { WorkloadRow } from '../src/model/rows.js'
import { call, drop, goto, set } from '../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { exitMac } from './addresses.js'
import { macsOf } from './allowances.js'
import { origin, reg } from './registers.js'
import { scope } from './scopes.js'
import { fromWire, workloadsBehind } from './wires.js'

/** Every group address has this bit set (IEEE 802, §8.2). */
const groupAddress = { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' } as const

/** From a MAC in a network to whom it belongs. A MAC of another network is as unknown as one that does not exist. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, reg.origin, 'ethDst'],
    sets: [reg.destination],
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
        const network = model.get('network', workload.network)
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
      'packets from a VLAN',
      'wire',
      ({ host }) => scope.host(host),
      function* (wire, model) {
        const network = model.get('network', wire.network)
        if (!network || wire.port === undefined) return
        const at = { [reg.network]: network.vni, [reg.origin]: origin.wire }
        const macs = workloadsBehind(wire, model).flatMap((workload) =>
          macsOf(workload).map((ethDst) => [ethDst, workload.key] as const),
        )
        for (const [ethDst, key] of new Map(macs))
          yield {
            priority: fromWire.station,
            match: { ...at, ethDst },
            actions: [set(reg.destination, key), goto('output')],
          }
        const group = { ...at, ethDst: groupAddress }
        yield { priority: fromWire.station, match: group, actions: [goto('flood')] }
        // Every host of the VLAN sees a packet that the switches there do not know the way of.
        yield { priority: fromWire.rest, match: at, actions: drop }
      },
    ),
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
