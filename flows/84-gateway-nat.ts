import { isOfHost } from '../src/model/outside.js'
import type { GatewayRow } from '../src/model/rows.js'
import { drop } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, transitAddress, transitBlocks } from './addresses.js'
import { stranded } from './answers.js'
import { at, endsOf, ownAddress, refused, sourcesOf, translatedAt } from './gateways.js'
import { from, icmp, tcp, udp } from './protocols.js'
import { reg } from './registers.js'
import { scope, scopeOfAddress } from './scopes.js'
import { opening } from './tracking.js'

/** Second translation, in the gateway's zone: to the outside address. What the first did not translate goes no further. */
export default table(
  import.meta.url,
  {
    matches: [reg.gateway, 'ctState', 'ethType', 'ipv4Src', 'ipv6Src', 'ipProto'],
    next: ['gateway-mapping'],
  },
  [
    rule(
      'outside address for a tenant',
      'egress',
      ({ gateway }) => scope.gateway(gateway),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        for (const [version, source] of sourcesOf(egress, model))
          if (!isOfHost(ends.gateway, source))
            yield translate(ends.gateway, transitAddress(egress, version), source)
      },
    ),
    rule(
      'outside address for a route',
      'route',
      ({ tenant }) => scope.outside(tenant),
      function* (route, model) {
        const version = family(route.to)
        for (const gateway of translatedAt(route, model)) {
          const source = ownAddress(gateway, version)
          if (source !== undefined && !isOfHost(gateway, source))
            yield translate(gateway, transitAddress(route, version), source)
        }
      },
    ),
    rule('address of the host', 'outsideAddress', scopeOfAddress, function* (row, model) {
      const gateway = model.get('gateway', row.gateway)
      if (gateway && row.host !== undefined) yield* shareAddress(gateway, row.address)
    }),
    rule(
      'floating address',
      'floatingIp',
      ({ gateway }) => scope.gateway(gateway),
      function* (floating, model) {
        const ends = endsOf(floating, model)
        const { address } = floating
        if (ends) yield translate(ends.gateway, transitAddress(floating, family(address)), address)
      },
    ),
    rule(
      'answers of a forwarded port',
      'portForward',
      ({ gateway }) => scope.gateway(gateway),
      function* (forward, model) {
        const ends = endsOf(forward, model)
        if (ends) yield translate(ends.gateway, transitAddress(forward, family(forward.address)))
      },
    ),
    rule(
      refused.connections,
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        yield {
          priority: 10,
          match: { ...at(gateway), ctState: opening },
          actions: stranded('untranslated', 'gateway'),
        }
      },
    ),
    rule(
      refused.packets,
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        yield { priority: 1, match: at(gateway), actions: drop }
      },
    ),
  ],
)

/**
 * New connections of all that have no other address get some port of those that are for workloads of an address that the
 * host has itself. What has no ports cannot be told from the host's own; of pings conntrack knows which it has seen.
 */
function* shareAddress(gateway: GatewayRow, address: string): Generator<RuleFlow> {
  const [port, lastPort] = gateway.hostPorts ?? []
  if (port === undefined || lastPort === undefined) return
  const match = { ...at(gateway), ...from(transitBlocks[4]) }
  const ct = { type: 'ct', commit: true, zone: gateway.number, table: 'gateway-mapping' } as const
  const withPort = [{ ...ct, nat: { kind: 'src', address, port, lastPort } }] as const
  yield { priority: 60, match: { ...match, ...tcp }, actions: withPort }
  yield { priority: 60, match: { ...match, ...udp }, actions: withPort }
  yield { priority: 60, match: { ...match, ...icmp }, actions: [{ ...ct, nat: { kind: 'src', address } }] }
  yield { priority: 50, match, actions: drop }
}

/** @param source the source of new connections; without it only answers are translated */
function translate(gateway: GatewayRow, transit: string, source?: string): RuleFlow {
  const { number: zone } = gateway
  return {
    priority: 100,
    match: { ...at(gateway), ...from(transit) },
    actions: [
      source === undefined
        ? { type: 'ct', zone, nat: {}, table: 'gateway-mapping' }
        : { type: 'ct', commit: true, zone, nat: { kind: 'src', address: source }, table: 'gateway-mapping' },
    ],
  }
}
