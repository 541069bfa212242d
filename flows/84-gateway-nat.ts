import type { GatewayRow } from '../src/model/rows.js'
import { drop } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { family, transitAddress } from './addresses.js'
import { stranded } from './answers.js'
import { at, endsOf, ownAddress, sourcesOf, translatedAt } from './gateways.js'
import { from } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { opening } from './tracking.js'

/** Second translation, in the gateway's zone: to the outside address. What the first did not translate goes no further. */
export default table(
  import.meta.url,
  { matches: [reg.gateway, 'ctState', 'ethType', 'ipv4Src', 'ipv6Src'], next: ['uplink'] },
  [
    rule(
      'outside address for a tenant',
      'egress',
      ({ gateway }) => scope.gateway(gateway),
      function* (egress, model) {
        const ends = endsOf(egress, model)
        if (!ends) return
        for (const [version, source] of sourcesOf(egress, model))
          yield translate(ends.gateway, transitAddress(egress, version), source)
      },
    ),
    rule(
      'outside address for a route',
      'route',
      ({ tenant }) => scope.outside(tenant),
      function* (route, model) {
        const version = family(route.to)
        for (const gateway of translatedAt(route, model))
          yield translate(gateway, transitAddress(route, version), ownAddress(gateway, version))
      },
    ),
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
      'connections that get no address here',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 10, match: { ctState: opening }, actions: stranded('untranslated', 'gateway') }
      },
    ),
    rule(
      'packets that conntrack refused',
      'cluster',
      () => scope.gateways,
      function* () {
        yield { priority: 0, match: {}, actions: drop }
      },
    ),
  ],
)

/** @param source the source of new connections; without it only answers are translated */
function translate(gateway: GatewayRow, transit: string, source?: string): RuleFlow {
  const { number: zone } = gateway
  return {
    priority: 100,
    match: { ...at(gateway), ...from(transit) },
    actions: [
      source === undefined
        ? { type: 'ct', zone, nat: {}, table: 'uplink' }
        : { type: 'ct', commit: true, zone, nat: { kind: 'src', address: source }, table: 'uplink' },
    ],
  }
}
