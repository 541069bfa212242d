import { goto, inPart, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { stranded } from './answers.js'
import { to } from './protocols.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'

/** The router's last step: the MAC of the workload that has the address. Nobody has to be asked. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, part.larger.field, 'ethType', 'ipv4Dst', 'ipv6Dst'],
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
            priority: 200,
            match: { [reg.network]: vni, ...inPart(part.larger, 1) },
            actions: stranded('tooLarge', 'router', mtu),
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
            priority: 100,
            match: { [reg.network]: network.vni, ...to(address) },
            actions: [set('ethDst', workload.mac), goto('switch')],
          }
      },
    ),
    rule(
      'addresses that nobody has',
      'network',
      ({ id }) => scope.network(id),
      function* ({ vni }) {
        yield { priority: 1, match: { [reg.network]: vni }, actions: stranded('noHost', 'router') }
      },
    ),
  ],
)
