import type { ActionOf, Match } from '../src/openflow/flow.js'
import { withCopy } from '../src/pipeline/actions.js'
import type { RuleAction, RuleFlow } from '../src/pipeline/table.js'
import { isFirstFragment, isLaterFragment } from './protocols.js'
import { fragmentZone } from './registers.js'

type Zone = NonNullable<ActionOf<'ct'>['zone']>

/** Fragments that have been turned around, see {@link turnAround}: the first one of each datagram. */
export const turned = { ctZone: fragmentZone } as const

/**
 * Turns the fragments of a datagram around. Only the first one shows ports (`ct_tp_dst`), but what the last one to come to a
 * ct action meets there is done to all: so the others wait in the zone, and the first one comes to the table again, as
 * {@link turned} ([decision 54](../docs/decisions/0054-the-first-fragment-comes-last.md)). It is then to be given to the
 * zone without another recirculation, or to {@link release}.
 * @param here which packets, with their `ethType`
 * @param fresh what tells these from those that are turned, if priorities do not: they are two higher for what of these ends
 */
export function* turnAround(
  table: string,
  zone: Zone,
  here: Match,
  fresh: Match,
  priority: number,
): Generator<RuleFlow> {
  const turn = { type: 'ct', zone: fragmentZone, table } as const
  const unturned = { ...here, ...fresh }
  yield { priority, match: { ...unturned, ...isFirstFragment }, actions: [turn] }
  yield {
    priority,
    match: { ...unturned, ...isLaterFragment },
    actions: [withCopy([release(zone)]), turn],
  }
  yield {
    priority: priority + 2,
    match: { ...here, ...turned, ...isLaterFragment },
    // Not a drop to whoever counts them: what goes on is the copy.
    actions: [{ type: 'ctClear' }],
  }
}

/** Ends the fragments that wait in the zone together with the first one, which nobody takes. */
export function release(zone: Zone): RuleAction {
  return { type: 'ct', zone }
}
