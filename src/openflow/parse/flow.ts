/** Flows as `ovs-ofctl add-flow` takes them and `dump-flows` writes them. */

import { type Flow, type FlowFlags, flowFlags } from '../flow-entry.js'
import { defaultPriority } from '../text/match.js'
import { type ActionPlaces, actionsOf } from './actions.js'
import { matchOf } from './match.js'
import { cut, fail, type Item, items, type Piece, parseDecimal, parseInteger, parseNumber } from './piece.js'
import type { PortNames } from './value.js'

const flagWords: ReadonlyMap<string, keyof FlowFlags> = new Map(flowFlags.map(([flag, word]) => [word, flag]))

/** Numbers of a flow, with their bits. */
const numbers = {
  priority: 16,
  idle_timeout: 16,
  hard_timeout: 16,
  importance: 16,
} as const

/** What a switch counts is read over. */
const counters: ReadonlySet<string> = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age'])

function isNumber(word: string): word is keyof typeof numbers {
  return Object.hasOwn(numbers, word)
}

/** Adding to the table 255, which stands for none in particular, is adding to the first. */
function parseTable(piece: Piece): number {
  const table = parseDecimal(piece, 8)
  return table === 255 ? 0 : table
}

/** What stands before the actions, and they. */
export function splitActions(piece: Piece): readonly [Piece, Piece] {
  const found = /action[^=]*=/.exec(piece.text)
  if (found === null) fail('missing', piece, 'has no actions')
  return [cut(piece, 0, found.index), cut(piece, found.index + found[0].length)]
}

/** Reads the items of a flow, and its actions; `places` takes where these stand. */
export function flowOf(
  list: readonly Item[],
  tail: Piece | undefined,
  names?: PortNames,
  places?: ActionPlaces,
): Flow {
  const values: { -readonly [K in keyof typeof numbers]?: number } = {}
  const flags: { -readonly [K in keyof FlowFlags]: FlowFlags[K] } = {}
  const matched: Item[] = []
  let cookie = 0n
  let table = 0
  for (const part of list) {
    const word = part.key.text
    const flag = flagWords.get(word)
    if (flag !== undefined) flags[flag] = true
    else if (word === 'table') table = parseTable(part.value)
    else if (isNumber(word)) values[word] = parseNumber(part.value, numbers[word])
    else if (word === 'cookie') cookie = parseInteger(part.value, 64)
    else if (!counters.has(word)) matched.push(part)
  }
  const match = matchOf(matched, names)
  const { priority = defaultPriority, idle_timeout, hard_timeout, importance } = values
  return {
    table,
    priority,
    cookie,
    match,
    actions: tail === undefined ? [] : actionsOf(tail, match, names, { places }),
    ...(idle_timeout !== undefined && { idleTimeout: idle_timeout }),
    ...(hard_timeout !== undefined && { hardTimeout: hard_timeout }),
    ...(importance !== undefined && { importance }),
    ...(Object.keys(flags).length > 0 && { flags }),
  }
}

/**
 * Reads a flow as `table=1,priority=10,ip,nw_dst=10.0.0.1 actions=output:2`.
 * @param options `names`: numbers of ports by name; `places`: takes where the actions stand
 * @throws ParseError
 */
export function parseFlow(
  text: string,
  { names, places }: { readonly names?: PortNames; readonly places?: ActionPlaces } = {},
): Flow {
  const [head, tail] = splitActions({ text, at: 0 })
  return flowOf(items(head), tail, names, places)
}
