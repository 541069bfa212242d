import type { Reads } from '../src/model/reads.js'
import type { GatewayRow } from '../src/model/rows.js'
import { goto } from '../src/pipeline/actions.js'
import { type RuleFlow, rule, type TableParts } from '../src/pipeline/table.js'
import { tellMapping } from './answers.js'
import { isShared } from './failover.js'
import { at, ipOf, versions } from './gateways.js'
import { tcp } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { opening } from './tracking.js'

/**
 * A table behind a translation: of TCP connections that have just got their mapping (RFC 5382 §2) the controller is told,
 * where another host may have to know it. No packet waits for that.
 */
export function mappings(next: string): TableParts {
  return [
    { matches: [reg.gateway, 'ctState', 'ethType', 'ipProto'], next: [next] },
    [
      rule(
        'new connections are told of',
        'gateway',
        ({ id }) => scope.gateway(id),
        (gateway, model) => told(gateway, model, next),
      ),
      rule(
        'all other packets',
        'cluster',
        () => scope.gateways,
        function* () {
          yield { priority: 0, match: {}, actions: [goto(next)] }
        },
      ),
    ],
  ]
}

function* told(gateway: GatewayRow, model: Reads, next: string): Generator<RuleFlow> {
  if (!isShared(gateway, model)) return
  for (const version of versions)
    yield {
      priority: 100,
      match: { ...at(gateway), ctState: opening, ...ipOf[version], ...tcp },
      actions: [tellMapping, goto(next)],
    }
}
