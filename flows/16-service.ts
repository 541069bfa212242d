import type { Reads } from '../src/model/reads.js'
import type { ServiceRow, TenantRow } from '../src/model/rows.js'
import { audiencesOf, isServed, liveBackends } from '../src/model/services.js'
import { call, drop, goto, set } from '../src/pipeline/actions.js'
import { type Choice, type RuleFlow, type RuleGroup, rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { echoReply, stranded, swapMacs } from './answers.js'
import { icmp6EchoRequest, icmpEchoRequest, isFragment, tcp, to, udp } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { isMoved, toPortOf, transports, valid } from './services.js'
import { groupOf } from './spread.js'
import { bit, opening } from './tracking.js'

const invalid = { ctState: { value: bit.tracked | bit.invalid, mask: bit.tracked | bit.invalid } } as const

/**
 * What workloads send to a service, after the tenant's conntrack zone. Packets of known connections have their backend's
 * address by now; a new connection gets one; what the service does not offer is refused.
 */
export default table(
  import.meta.url,
  {
    matches: [
      reg.tenant,
      'ctState',
      'ethType',
      'ipv4Dst',
      'ipv6Dst',
      'ipProto',
      'ipFrag',
      'tcpDst',
      'udpDst',
      'sctpDst',
      'icmpv4Type',
      'icmpv6Type',
    ],
    sets: [
      reg.destination,
      'ethSrc',
      'ethDst',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'icmpv4Type',
      'icmpv6Type',
      'ipTtl',
    ],
    next: ['service-backend', 'service-translated', 'answer'],
  },
  [
    rule(
      'address of a service',
      'service',
      ({ id }) => scope.service(id),
      function* (service, model) {
        for (const virtual of service.addresses) {
          yield* backendGroup(service, family(virtual), model)
          for (const { tenant } of audiencesOf(service, model))
            yield* addressFlows(service, virtual, tenant, model)
        }
      },
    ),
    rule(
      'packets of known connections',
      'tenant',
      ({ id }) => scope.tenant(id),
      function* ({ id, number }, model) {
        if (isServed(id, model))
          yield {
            priority: 10,
            match: { [reg.tenant]: number, ...valid },
            actions: [goto('service-translated')],
          }
      },
    ),
  ],
)

/** Who gets new connections of an IP version. */
function* backendGroup(service: ServiceRow, version: 4 | 6, model: Reads): Generator<RuleGroup> {
  const buckets = liveBackends(service, version, model).map(({ key }) => ({
    id: key,
    actions: [set(reg.destination, key), call('service-backend')],
  }))
  if (buckets.length > 0)
    yield { group: groupOf(service, version), type: 'select', buckets, choice: choiceOf(service, version) }
}

/** What goes to one backend. */
function choiceOf({ affinity }: ServiceRow, version: 4 | 6): Choice {
  if (affinity === 'connection') return 'connection'
  return [version === 4 ? 'ipv4Src' : 'ipv6Src']
}

function* addressFlows(
  service: ServiceRow,
  virtual: string,
  { number }: TenantRow,
  model: Reads,
): Generator<RuleFlow> {
  const version = family(virtual)
  const live = liveBackends(service, version, model)
  const at = { [reg.tenant]: number, ...to(virtual) }
  yield { priority: 400, match: { ...at, ...invalid }, actions: drop }
  for (const transport of [tcp, udp])
    yield { priority: 100, match: { ...at, ...transport }, actions: stranded('closed', 'router') }
  yield {
    priority: 50,
    match: at,
    actions: stranded(live.length > 0 ? 'untranslated' : 'noHost', 'router'),
  }
  if (live.length === 0) return
  const fresh = { ...at, ctState: opening }
  const actions = [{ type: 'group', group: groupOf(service, version) } as const]
  const { ports } = service
  if (!ports) {
    yield { priority: 200, match: fresh, actions }
    return
  }
  for (const port of ports)
    for (const match of toPortOf(port, virtual))
      yield { priority: 200, match: { ...fresh, ...match }, actions }
  // Open vSwitch shows no ports of fragments: who does not know them lets the backend decide.
  for (const protocol of new Set(ports.map((port) => port.protocol)))
    if (!isMoved(service, protocol))
      yield { priority: 210, match: { ...fresh, ...transports[protocol], ...isFragment }, actions }
  yield {
    priority: 300,
    match: { ...at, ...(version === 4 ? icmpEchoRequest : icmp6EchoRequest) },
    actions: [...swapMacs, ...echoReply(virtual), goto('answer')],
  }
}
