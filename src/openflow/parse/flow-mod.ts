/** Changes of flows as lines of the files that `ovs-ofctl add-flows` reads: what is to be done may stand in front. */
import { encodeFlags } from '../flow-entry.js'
import type { MessageBy } from '../message.js'
import type { FlowCommand } from '../messages/flow-mod.js'
import { GroupId } from '../messages/group.js'
import type { ActionPlaces } from './actions.js'
import { flowOf, splitActions } from './flow.js'
import { cut, fail, type Item, items, type Piece, parseDecimal, parseInteger, splitOnce } from './piece.js'
import { optional } from './properties.js'
import { type PortNames, parsePort } from './value.js'

/** A flow_mod without its transaction id. */
export type FlowMod = Omit<MessageBy<'flowMod'>, 'xid'>

/** In the order in which the beginning of a word stands for it. */
const commands: readonly (readonly [word: string, command: FlowCommand])[] = [
  ['add', 'add'],
  ['delete', 'delete'],
  ['delete_strict', 'deleteStrict'],
  ['modify', 'modify'],
  ['modify_strict', 'modifyStrict'],
]

/** The command that the text begins with, and what follows it. */
function splitCommand(whole: Piece): readonly [FlowCommand, Piece] {
  const [given = ''] = /^[^,\s]*/.exec(whole.text) ?? []
  const found = given === '' ? undefined : commands.find(([word]) => word.startsWith(given))
  return found === undefined ? ['add', whole] : [found[1], cut(whole, given.length)]
}

const timeouts = ['idle_timeout', 'hard_timeout']
const flags = ['send_flow_rem', 'check_overlap', 'reset_counts', 'no_packet_counts', 'no_byte_counts']

/** Properties of a flow that the command has no use for. */
const refused: Readonly<Record<FlowCommand, readonly string[]>> = {
  add: ['out_port', 'out_group'],
  modify: ['out_port', 'out_group', 'importance'],
  modifyStrict: ['out_port', 'out_group', 'importance'],
  delete: ['priority', 'importance', ...timeouts, ...flags],
  deleteStrict: ['importance', ...timeouts, ...flags],
}

function parseGroup(piece: Piece): number {
  const word = piece.text.toLowerCase()
  return word === 'any' ? GroupId.any : word === 'all' ? GroupId.all : parseDecimal(piece, 32)
}

interface Cookies {
  readonly cookie: bigint
  readonly cookieMask: bigint
}

/** The cookie to give, or with a mask the one that flows to change have. */
function parseCookie(part: Item, command: FlowCommand): Cookies | undefined {
  const [wanted, mask] = splitOnce(part.value, '/') ?? [part.value, undefined]
  const cookie = parseInteger(wanted, 64)
  if (mask !== undefined) {
    if (command === 'add') fail('conflict', mask, 'cannot stand in a flow to add')
    const cookieMask = parseInteger(mask, 64)
    return { cookie: cookie & cookieMask, cookieMask }
  }
  if (command === 'add') return { cookie, cookieMask: 0n }
  // Since OpenFlow 1.2 a change leaves flows their cookies, whatever is said.
  return command.startsWith('modify')
    ? undefined
    : fail('missing', part.value, 'needs a mask, as in cookie=1/-1')
}

/**
 * Reads a line of a file for `ovs-ofctl add-flows`, such as `delete table=3,ip,out_port=2` or, without a command, what
 * `add-flow` takes.
 * @param options `command`: what is to be done, unless the text begins with a word for it; `names`: numbers of ports by
 * name; `places`: takes where the actions stand
 * @throws ParseError
 */
export function parseFlowMod(
  text: string,
  {
    command,
    names,
    places,
  }: { readonly command?: FlowCommand; readonly names?: PortNames; readonly places?: ActionPlaces } = {},
): FlowMod {
  const given = cut({ text, at: 0 }, 0)
  const [does, whole] = command === undefined ? splitCommand(given) : [command, given]
  const deletes = does === 'delete' || does === 'deleteStrict'
  const [head, tail] = deletes ? [whole, undefined] : splitActions(whole)
  const kept: Item[] = []
  let cookies: Cookies = { cookie: 0n, cookieMask: 0n }
  let everywhere = deletes
  let outPort: number | undefined
  let outGroup: number | undefined
  for (const part of items(head)) {
    const word = part.key.text
    if (refused[does].includes(word)) fail('unknown-field', part.key, 'is no property of such a change')
    if (word === 'cookie') cookies = parseCookie(part, does) ?? cookies
    else if (word === 'out_port') outPort = parsePort(part.value, names)
    else if (word === 'out_group') outGroup = parseGroup(part.value)
    else kept.push(part)
    if (word === 'table') everywhere = deletes && parseDecimal(part.value, 8) === 255
  }
  const { flags: said, table, ...flow } = flowOf(kept, tail, names, places)
  return {
    type: 'flowMod',
    command: does,
    ...flow,
    ...cookies,
    table: everywhere ? 255 : table,
    flags: encodeFlags(said),
    ...optional('outPort', outPort),
    ...optional('outGroup', outGroup),
  }
}
