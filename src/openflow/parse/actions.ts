/** Lists of actions as ovs-ofctl(8) and ovs-actions(7) write them. */
import type { Action } from '../action.js'
import type { Match } from '../match.js'
import type { ActionParser, ParseContext } from './context.js'
import { ctParsers } from './ct.js'
import { learnParsers } from './learn.js'
import { fail, item, type Piece, split } from './piece.js'
import { simpleParsers } from './simple.js'
import { specialParsers } from './special.js'
import { findPort, type PortNames } from './value.js'

const parsers: ReadonlyMap<string, ActionParser> = new Map(
  Object.entries({ ...simpleParsers, ...ctParsers, ...learnParsers, ...specialParsers }),
)

/** Reads the list in the piece. */
export function actionsOf(piece: Piece, match: Match, names?: PortNames): Action[] {
  const context: ParseContext = {
    ...(names === undefined ? {} : { names }),
    match,
    actions: (inside) => actionsOf(inside, match, names),
  }
  const parts = split(piece, ', \t\r\n').map(item)
  if (parts.length === 1 && parts[0]?.whole.text === 'drop') return []
  return parts.flatMap((part) => {
    const parse = parsers.get(part.key.text.toLowerCase())
    if (parse !== undefined) return parse(part, context)
    const port = part.value.text === '' && !part.call ? findPort(part.key, names) : undefined
    return port === undefined ? fail('unknown-action', part.key, 'is no action') : { type: 'output', port }
  })
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
