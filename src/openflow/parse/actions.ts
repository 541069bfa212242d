/** Lists of actions as ovs-ofctl(8) and ovs-actions(7) write them. */
import type { Action } from '../action.js'
import type { Match } from '../match.js'
import type { ActionParser, ParseContext } from './context.js'
import { ctParsers } from './ct.js'
import { learnParsers } from './learn.js'
import { fail, type Item, item, type Piece, split } from './piece.js'
import { simpleParsers } from './simple.js'
import { specialParsers } from './special.js'
import { findPort, type PortNames } from './value.js'

const parsers: ReadonlyMap<string, ActionParser> = new Map(
  Object.entries({ ...simpleParsers, ...ctParsers, ...learnParsers, ...specialParsers }),
)

/** Where in the text each action stands, counted in characters. */
export type ActionPlaces = Map<Action, number>

/** Reads the list in the piece; notes the places of all actions, also of those in others, where `places` are given. */
export function actionsOf(piece: Piece, match: Match, names?: PortNames, places?: ActionPlaces): Action[] {
  const context: ParseContext = {
    ...(names === undefined ? {} : { names }),
    match,
    actions: (inside) => actionsOf(inside, match, names, places),
  }
  const parts = split(piece, ', \t\r\n').map(item)
  if (parts.length === 1 && parts[0]?.whole.text === 'drop') return []
  return parts.flatMap((part) => {
    const actions = actionsIn(part, context)
    for (const action of actions) places?.set(action, part.whole.at)
    return actions
  })
}

function actionsIn(part: Item, context: ParseContext): readonly Action[] {
  const parse = parsers.get(part.key.text.toLowerCase())
  if (parse !== undefined) {
    const parsed = parse(part, context)
    return 'type' in parsed ? [parsed] : parsed
  }
  const port = part.value.text === '' && !part.call ? findPort(part.key, context.names) : undefined
  return port === undefined ? fail('unknown-action', part.key, 'is no action') : [{ type: 'output', port }]
}

/**
 * Reads a list of actions as `set_field:1->reg0,resubmit(,10)`; `drop` is the empty list.
 * @param options `names`: numbers of ports by name; `match`: what the flow matches, for actions that depend on it
 * @throws ParseError
 */
export function parseActions(
  text: string,
  { names, match = {} }: { readonly names?: PortNames; readonly match?: Match } = {},
): Action[] {
  return actionsOf({ text, at: 0 }, match, names)
}
