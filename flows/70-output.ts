import { drop, goto, set } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { choiceGroup, choiceOf, isShared, sharedGateways } from './failover.js'
import { hostsOf } from './gateways.js'
import { noteWorkload } from './policy/entry.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'
import { aliveGroups } from './spread.js'
import { atPort } from './trunks.js'
import { tunnelTo } from './tunnels.js'

/** From whom a packet is for to where that is: a port of this host, by way of policy and limits, or the tunnel to another. */
export default table(
  import.meta.url,
  {
    matches: [reg.destination],
    sets: [reg.gateway, reg.tenant, reg.classHigh, reg.classLow, part.port.field, 'tunIpv4Dst', 'tunIpv6Dst'],
    next: ['tunnel-out', 'exit', 'ingress'],
  },
  [
    rule(
      'workload on this host',
      'placement',
      ({ host }) => scope.host(host),
      function* (placement, model) {
        const workload = model.get('workload', placement.id)
        const tenant = model.get('tenant', placement.tenant)
        if (!workload || !tenant) return
        yield {
          priority: 200,
          match: { [reg.destination]: workload.key },
          actions: [...noteWorkload(workload, tenant), ...atPort(placement), goto('ingress')],
        }
      },
    ),
    rule(
      'workload on another host',
      'workload',
      ({ network }) => scope.network(network),
      function* ({ id, key }, model) {
        const placement = model.get('placement', id)
        const host = placement && model.get('host', placement.host)
        yield {
          priority: 100,
          match: { [reg.destination]: key },
          actions: host ? [...tunnelTo(host.tunnelIp), goto('tunnel-out')] : drop,
        }
      },
    ),
    rule(
      'gateway on this host',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        if (isShared(gateway, model)) return
        yield {
          priority: 200,
          match: { [reg.destination]: gateway.key },
          actions: [set(reg.gateway, gateway.number), goto('exit')],
        }
      },
    ),
    rule(
      'gateway on another host',
      'gateway',
      ({ id }) => scope.exit(id),
      function* (gateway, model) {
        const [host, ...others] = hostsOf(gateway, model)
        if (others.length > 0) return
        const row = host === undefined ? undefined : model.get('host', host)
        yield {
          priority: 100,
          match: { [reg.destination]: gateway.key },
          actions: row ? [...tunnelTo(row.tunnelIp), goto('tunnel-out')] : drop,
        }
      },
    ),
    rule(
      'gateway that several hosts can carry',
      'bridge',
      ({ id }) => scope.host(id),
      function* (bridge, model) {
        for (const gateway of sharedGateways(model)) {
          yield choiceGroup(gateway, bridge, model)
          yield { priority: 200, match: { [reg.destination]: gateway.key }, actions: [choiceOf(gateway)] }
        }
      },
    ),
    rule(
      'gateways that live, of those that connections are spread over',
      'bridge',
      ({ id }) => scope.host(id),
      (bridge, model) => aliveGroups(bridge, model),
    ),
  ],
)
