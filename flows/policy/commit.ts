import { goto, inPart } from '../../src/pipeline/actions.js'
import type { RuleAction, TableParts } from '../../src/pipeline/table.js'
import { rule } from '../../src/pipeline/table.js'
import { ipv4, ipv6 } from '../protocols.js'
import { part, question, reg } from '../registers.js'
import { scope } from '../scopes.js'
import type { Side } from './side.js'

/** Writes the verdict into this side's half of the connection's label: who admitted it, or that nobody does any more. */
export function commit(side: Side): TableParts {
  return [
    { matches: [reg.verdict, part.question.field, 'ethType'], next: [side.next] },
    [
      rule(
        'connections that are admitted',
        'cluster',
        () => scope.guarded,
        function* () {
          for (const family of [ipv4, ipv6])
            yield { priority: 100, match: family, actions: [remember(side), goto(side.next)] }
        },
      ),
      rule(
        'datagrams that may be answers',
        'cluster',
        () => scope.guarded,
        function* () {
          yield {
            priority: 300,
            match: inPart(part.question, question.refused),
            actions: [goto(side.next)],
          }
        },
      ),
      rule(
        'connections that are cut',
        'cluster',
        () => scope.guarded,
        function* () {
          for (const family of [ipv4, ipv6])
            yield { priority: 200, match: { ...family, [reg.verdict]: 0 }, actions: [remember(side)] }
        },
      ),
    ],
  ]
}

/** In the zone that the connection was looked up in. */
function remember({ half }: Side): RuleAction {
  return {
    type: 'ct',
    commit: true,
    zone: part.zone,
    exec: [
      {
        type: 'move',
        src: { field: reg.verdict, offset: 0, bits: 32 },
        dst: { field: 'ctLabel', offset: half, bits: 32 },
      },
    ],
  }
}
