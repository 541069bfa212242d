import { anywhere, drop, goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { macsOf } from './allowances.js'
import { reg } from './registers.js'
import { scope, scopeOfWorkload } from './scopes.js'
import { copyTo, outOfAny } from './trunks.js'
import { tunnelTo } from './tunnels.js'

/** The rules whose flows count what a mirror has copied. */
export const copied = { here: 'receiver on this host', there: 'receiver on another host' } as const

/**
 * Copies to whoever gets them: straight out of its port, here or at its host. Nothing is asked about them any more, and
 * nobody copies them again. What comes from that workload or goes to it, it has already.
 */
export default table(
  import.meta.url,
  {
    matches: [reg.network, 'ethSrc', 'ethDst'],
    sets: ['inPort16', 'vlanVid', 'tunIpv4Dst', 'tunIpv6Dst'],
    next: ['tunnel-out'],
  },
  [
    rule(
      "the receiver's own packets",
      'mirror',
      ({ id }) => scope.mirror(id),
      function* ({ vni, to }, model) {
        const receiver = model.get('workload', to)
        if (!receiver) return
        for (const mac of macsOf(receiver)) {
          yield { priority: 310, match: { [reg.network]: vni, ethSrc: mac }, actions: drop }
          yield { priority: 300, match: { [reg.network]: vni, ethDst: mac }, actions: drop }
        }
      },
    ),
    rule(
      copied.here,
      'mirror',
      ({ to }, model) => scopeOfWorkload(to, model),
      function* ({ vni, to }, model) {
        const placement = model.get('placement', to)
        if (placement)
          yield { priority: 200, match: { [reg.network]: vni }, actions: outOfAny(copyTo(placement)) }
      },
    ),
    rule(
      copied.there,
      'mirror',
      ({ id }) => scope.mirror(id),
      function* ({ vni, to }, model) {
        const placement = model.get('placement', to)
        const host = placement && model.get('host', placement.host)
        if (host)
          yield {
            priority: 100,
            match: { [reg.network]: vni },
            actions: [anywhere, ...tunnelTo(host.tunnelIp), goto('tunnel-out')],
          }
      },
    ),
  ],
)
