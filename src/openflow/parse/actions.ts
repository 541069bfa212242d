/** Lists of actions as ovs-ofctl(8) and ovs-actions(7) write them. */
import type { Action } from '../action.js'
import type { FieldName } from '../fields.js'
import type { Match } from '../match.js'
import { checkWritable } from './check.js'
import type { ActionParser, ParseContext } from './context.js'
import { ctParsers } from './ct.js'
import { learnParsers } from './learn.js'
import { fail, type Item, item, type Piece, split, splitOnce } from './piece.js'
import { simpleParsers } from './simple.js'
import { specialParsers } from './special.js'
import { checkOutput, findPort, type PortNames } from './value.js'

const parsers: ReadonlyMap<string, ActionParser> = new Map(
  Object.entries({ ...simpleParsers, ...ctParsers, ...learnParsers, ...specialParsers }),
)

/** The field that the action changes. */
function changedField(action: Action): FieldName | undefined {
  if (action.type === 'setField') return action.field
  if (action.type === 'load' || action.type === 'move' || action.type === 'pop') return action.dst.field
  return undefined
}

/** Not every action may stand everywhere, nor change every field. */
function checkPlace(action: Action, part: Item, tracked: boolean): void {
  const field = changedField(action)
  if (field !== undefined) checkWritable(field, splitOnce(part.whole, '->')?.[1] ?? part.value, tracked)
  else if (tracked !== (action.type === 'nat'))
    if (tracked || action.type === 'nat')
      fail('bad-value', part.key, `cannot stand ${tracked ? 'inside' : 'outside'} of ct`)
}

/** Where in the text each action stands, counted in characters. */
export type ActionPlaces = Map<Action, number>

/** Where a list stands: inside of `ct`, and among packets with a VLAN tag; `places` takes the places of all actions. */
interface Surroundings {
  readonly tracked?: boolean
  readonly tagged?: boolean
  readonly places?: ActionPlaces | undefined
}

function isTagged({ vlanVid }: Match): boolean {
  return vlanVid !== undefined && vlanVid !== 0
}

function isTaggedAfter(action: Action, before: boolean): boolean {
  if (action.type === 'popVlan') return false
  const sets = action.type === 'setField' && (action.field === 'vlanVid' || action.field === 'vlanPcp')
  return before || sets || action.type === 'pushVlan'
}

/** Reads the list in the piece. */
export function actionsOf(
  piece: Piece,
  match: Match,
  names?: PortNames,
  { tracked = false, tagged = isTagged(match), places }: Surroundings = {},
): Action[] {
  const context: { -readonly [K in keyof ParseContext]: ParseContext[K] } = {
    tagged,
    ...(names === undefined ? {} : { names }),
    match,
    actions: (inside, ofConnection) =>
      actionsOf(inside, match, names, { tracked: ofConnection ?? false, tagged: context.tagged, places }),
  }
  const parts = split(piece, ', \t\r\n').map(item)
  if (parts.every((part) => part.whole.text === 'drop')) return []
  const actions = parts.flatMap((part) => {
    const parse = parsers.get(part.key.text.toLowerCase())
    const parsed = parse === undefined ? bareOutput(part, names) : parse(part, context)
    const list = Array.isArray(parsed) ? parsed : [parsed]
    for (const action of list) {
      checkPlace(action, part, tracked)
      places?.set(action, part.whole.at)
      context.tagged = isTaggedAfter(action, context.tagged)
    }
    return list
  })
  checkConjunctions(actions, parts)
  checkOrder(parts)
  return actions
}

/** A port alone is an output to it. */
function bareOutput(part: Item, names: PortNames | undefined): Action {
  const port = part.value.text === '' && !part.call ? findPort(part.key, names) : undefined
  if (port === undefined) fail('unknown-action', part.key, 'is no action')
  return { type: 'output', port: checkOutput(port, part.key) }
}

/** Instructions other than that to apply actions, in the order in which a switch carries them out (OpenFlow 1.5.1, §5.6). */
const instructions = ['clear_actions', 'write_actions', 'write_metadata', 'goto_table']

function checkOrder(parts: readonly Item[]): void {
  let last = -1
  for (const { key } of parts) {
    const place = instructions.indexOf(key.text.toLowerCase())
    if (place < last) fail('conflict', key, `cannot stand after ${instructions[last]}`)
    if (place >= 0 && place === last) fail('conflict', key, 'occurs twice')
    last = place
  }
}

/** A flow of conjunctions does nothing else. */
function checkConjunctions(actions: readonly Action[], parts: readonly Item[]): void {
  if (!actions.some(({ type }) => type === 'conjunction')) return
  const other = parts.find(({ key }) => !/^(conjunction|note)$/i.test(key.text))
  if (other !== undefined) fail('conflict', other.whole, 'cannot stand beside conjunction')
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
