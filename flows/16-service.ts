import type { Reads } from '../src/model/reads.js'
import type { ServiceRow, TenantRow } from '../src/model/rows.js'
import { audiencesOf, isServed, liveBackends } from '../src/model/services.js'
import { call, drop, goto, set } from '../src/pipeline/actions.js'
import { type Choice, type RuleFlow, type RuleGroup, rule, table } from '../src/pipeline/table.js'
import { family } from './addresses.js'
import { echoReply, stranded, swapMacs } from './answers.js'
import { release, turnAround, turned } from './fragments.js'
import { icmp6EchoRequest, icmpEchoRequest, tcp, to, udp } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { toPortOf, turnedToPortOf } from './services.js'
import { fragmentGroupOf, groupOf } from './spread.js'
import { bit, opening, valid } from './tracking.js'

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
      'ctZone',
      'ctNwProto',
      'ctTpDst',
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
    next: ['service', 'service-backend', 'service-translated', 'answer'],
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
  if (buckets.length === 0) return
  yield { group: groupOf(service, version), type: 'select', buckets, choice: choiceOf(service, version) }
  if (service.ports && service.affinity === 'connection')
    yield {
      group: groupOfFirst(service, version),
      type: 'select',
      buckets,
      choice: choiceOf({ affinity: 'source' }, version),
    }
}

/**
 * The group that the first fragment of a connection goes to, once it is turned around: one that chooses by the client's address,
 * because the datapath's own hash would be another recirculation.
 */
function groupOfFirst(service: ServiceRow, version: 4 | 6): number {
  return (service.affinity === 'connection' ? fragmentGroupOf : groupOf)(service, version)
}

/** What goes to one backend. */
function choiceOf({ affinity }: Pick<ServiceRow, 'affinity'>, version: 4 | 6): Choice {
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
  const first = [{ type: 'group', group: groupOfFirst(service, version) } as const]
  for (const port of ports) {
    for (const match of toPortOf(port, virtual))
      yield { priority: 200, match: { ...fresh, ...match }, actions }
    for (const match of turnedToPortOf(port))
      yield { priority: 210, match: { ...at, ...match }, actions: first }
  }
  yield* turnAround('service', number, at, { ctState: opening, ctZone: number }, 250)
  const refused = { ...at, ...turned }
  yield {
    priority: 160,
    match: { ...refused, ...udp },
    actions: [...stranded('closed', 'router'), release(number)],
  }
  yield { priority: 150, match: refused, actions: [release(number)] }
  yield {
    priority: 300,
    match: { ...at, ...(version === 4 ? icmpEchoRequest : icmp6EchoRequest) },
    actions: [...swapMacs, ...echoReply(virtual), goto('answer')],
  }
}
