import { goto, output, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { routerMac, wireMac } from './addresses.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { outOfAny, popTag, pushTag } from './trunks.js'
import { tunnelTo } from './tunnels.js'

/** Onto the VLAN of a network, at this host or by one that has the physical bridge. */
export default table(
  import.meta.url,
  {
    matches: [reg.network, 'ethSrc'],
    sets: ['ethSrc', 'inPort16', 'vlanVid', 'tunIpv4Dst', 'tunIpv6Dst'],
    next: ['tunnel-out'],
  },
  [
    rule(
      'VLAN of a network',
      'wire',
      ({ host }) => scope.host(host),
      function* ({ network: id, host, tag, port, via }, model) {
        const network = model.get('network', id)
        if (!network) return
        const match = { [reg.network]: network.vni }
        if (port === undefined) {
          const row = via === undefined ? undefined : model.get('host', via)
          if (row) yield { priority: 100, match, actions: [...tunnelTo(row.tunnelIp), goto('tunnel-out')] }
          return
        }
        // From one station there to another by the router, it goes out where it came in.
        const out = outOfAny([...pushTag(tag), output(port), popTag])
        yield { priority: 100, match, actions: out }
        yield {
          priority: 110,
          match: { ...match, ethSrc: routerMac },
          actions: [set('ethSrc', wireMac(host)), ...out],
        }
      },
    ),
  ],
)
