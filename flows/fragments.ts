import type { ActionOf, Match } from '../src/openflow/flow.js'
import { drop } from '../src/pipeline/actions.js'
import type { RuleAction, RuleFlow } from '../src/pipeline/table.js'
import { isFirstFragment, isLaterFragment } from './protocols.js'
import { fragmentZone } from './registers.js'

type Zone = NonNullable<ActionOf<'ct'>['zone']>

/** The first fragment of a datagram that begins a connection, once it is the last: see {@link turnAround}. */
export const turnedFirst = { ctZone: fragmentZone, ...isFirstFragment } as const

/**
 * Turns the fragments of a datagram around that begins a connection. Only the first one shows ports (`ct_tp_dst`), but
 * what the last one to come to a ct action meets there is done to all: so the others wait in the zone, and the first one comes to
 * the table again as {@link turnedFirst} ([decision 54](../docs/decisions/0054-the-first-fragment-comes-last.md)). It is then
 * to be given to the zone without another recirculation, or to {@link release}.
 * @param here which packets, with their `ethType`
 * @param unknown what of these begin a connection: not those that have been turned around
 */
export function* turnAround(
  table: string,
  zone: Zone,
  here: Match,
  unknown: Match,
  priority: number,
): Generator<RuleFlow> {
  const turn = { type: 'ct', zone: fragmentZone, table } as const
  const wait = { type: 'clone', actions: [release(zone)] } as const
  yield { priority, match: { ...here, ...unknown, ...isFirstFragment }, actions: [turn] }
  yield { priority, match: { ...here, ...unknown, ...isLaterFragment }, actions: [wait, turn] }
  yield {
    priority,
    match: { ...here, ctZone: fragmentZone, ...isLaterFragment },
    actions: drop,
  }
}

/** Ends the fragments that wait in the zone together with the first one, which nobody takes. */
export function release(zone: Zone): RuleAction {
  return { type: 'ct', zone }
}
