import { drop, goto, move, output, reflect, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, probeMacs } from './addresses.js'
import { toController } from './answers.js'
import { sessionsOf } from './failover.js'
import { receive } from './holders.js'
import { bfdControl, lldp } from './protocols.js'
import { reg } from './registers.js'
import { scope, scopeOfWorkload } from './scopes.js'
import { copyTo } from './trunks.js'
import { tunnelFrom } from './tunnels.js'

/** Packets from other hosts: the tunnel's key says the network. They were guarded and routed where they entered. */
export default table(
  import.meta.url,
  {
    matches: ['tunnelId', 'tunIpv4Src', 'tunIpv6Src', 'ethDst', 'ethType', 'ipProto', 'udpSrc', 'udpDst'],
    sets: [
      reg.network,
      reg.tenant,
      reg.origin,
      reg.gateway,
      'ethDst',
      'inPort16',
      'vlanVid',
      'tunIpv4Dst',
      'tunIpv6Dst',
    ],
    next: ['switch'],
  },
  [
    rule(
      'key of a network',
      'network',
      ({ id }) => scope.network(id),
      function* (network, model) {
        const tenant = model.get('tenant', network.tenant)
        if (!tenant) return
        yield {
          priority: 100,
          match: { tunnelId: BigInt(network.vni) },
          actions: [set(reg.network, network.vni), set(reg.tenant, tenant.number), goto('switch')],
        }
      },
    ),
    rule(
      'copies of a mirror',
      'mirror',
      ({ to }, model) => scopeOfWorkload(to, model),
      function* ({ vni, to }, model) {
        const placement = model.get('placement', to)
        if (placement) yield { priority: 100, match: { tunnelId: BigInt(vni) }, actions: copyTo(placement) }
      },
    ),
    rule(
      'heartbeats of other hosts',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge, model) {
        for (const [other, { loop }] of sessionsOf(bridge, model)) {
          const row = model.get('host', other)
          if (row)
            yield {
              priority: 200,
              match: { tunnelId: 0n, ...tunnelFrom(row.tunnelIp), ...bfdControl },
              actions: [output(loop)],
            }
        }
      },
    ),
    rule(
      'probes of other hosts go back',
      'host',
      ({ id }) => scope.host(id),
      function* ({ tunnelIp }) {
        yield {
          priority: 200,
          match: { tunnelId: 0n, ...lldp, ethDst: probeMacs.question },
          actions: [
            set('ethDst', probeMacs.answer),
            family(tunnelIp) === 4
              ? move('tunIpv4Src', 'tunIpv4Dst', 32)
              : move('tunIpv6Src', 'tunIpv6Dst', 128),
            reflect,
          ],
        }
      },
    ),
    rule(
      'probes that have come back',
      'cluster',
      () => scope.all,
      function* () {
        yield {
          priority: 200,
          match: { tunnelId: 0n, ...lldp, ethDst: probeMacs.answer },
          actions: toController('probe', 'probe'),
        }
      },
    ),
    rule(
      'who carries a gateway, asked and answered',
      'bridge',
      ({ id }) => scope.host(id),
      (bridge, model) => receive(bridge, model),
    ),
    rule(
      'unknown keys',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 0, match: {}, actions: drop }
      },
    ),
  ],
)
