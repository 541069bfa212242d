/** Changes of groups as `ovs-ofctl` takes them, which says by its own command what is to be done. */
import type { MessageBy } from '../message.js'
import { BucketId } from '../messages/bucket.js'
import { GroupId } from '../messages/group.js'
import { bucketsOf, groupOf, parseGroupIn, readGroup } from './group.js'
import { cut, fail, type Piece, parseNumber } from './piece.js'
import { optional } from './properties.js'
import type { PortNames } from './value.js'

/** A group_mod without its transaction id. */
export type GroupMod = Omit<MessageBy<'groupMod'>, 'xid'>

/** Words that lines of `ovs-ofctl add-groups` may begin with. */
const commands = {
  add: 'add',
  modify: 'modify',
  add_or_mod: 'addOrModify',
  delete: 'delete',
  insert_bucket: 'insertBucket',
  remove_bucket: 'removeBucket',
} as const

/** What a text may say is to happen with a group, before the group itself. */
export type GroupCommand = (typeof commands)[keyof typeof commands]

function isCommand(word: string): word is keyof typeof commands {
  return Object.hasOwn(commands, word)
}

/** The command that the text begins with, and what follows it. */
function splitCommand(whole: Piece): readonly [GroupCommand | undefined, Piece] {
  const [word = ''] = /^[^,\s]*/.exec(whole.text) ?? []
  return isCommand(word) ? [commands[word], cut(whole, word.length)] : [undefined, whole]
}

const places: ReadonlyMap<string, number> = new Map([
  ['first', BucketId.first],
  ['last', BucketId.last],
  ['all', BucketId.all],
])

function parsePlace(piece: Piece): number {
  const place = places.get(piece.text) ?? parseNumber(piece, 32)
  const known = place <= BucketId.max || [...places.values()].includes(place)
  return known ? place : fail('bad-value', piece, 'is no bucket')
}

function parseInsert(whole: Piece, names?: PortNames): GroupMod {
  const text = readGroup(whole, ['group_id', 'command_bucket_id'])
  const place =
    text.found.get('command_bucket_id')?.value ?? fail('missing', whole, 'has no command_bucket_id')
  const bucket = parsePlace(place)
  if (bucket === BucketId.all) fail('bad-value', place, 'is no place')
  const buckets = bucketsOf(text, false, names)
  return { type: 'groupMod', command: 'insertBucket', group: groupOf(text), bucket, buckets }
}

function parseRemove(whole: Piece): GroupMod {
  const text = readGroup(whole, ['group_id', 'command_bucket_id'])
  const [tail] = text.tails
  if (tail !== undefined) fail('conflict', tail, 'is not needed')
  const bucket = text.found.get('command_bucket_id')
  return {
    type: 'groupMod',
    command: 'removeBucket',
    group: groupOf(text),
    ...optional('bucket', bucket && parsePlace(bucket.value)),
  }
}

function parseDelete(whole: Piece): GroupMod {
  if (whole.text === '') return { type: 'groupMod', command: 'delete', group: GroupId.all }
  const text = readGroup(whole, ['group_id'])
  const [tail] = text.tails
  if (tail !== undefined) fail('conflict', tail, 'is not needed')
  return { type: 'groupMod', command: 'delete', group: groupOf(text) }
}

/**
 * Reads what `ovs-ofctl add-group`, `mod-group`, `del-groups`, `insert-buckets` and `remove-buckets` take, such as
 * `group_id=1,command_bucket_id=first,bucket=bucket_id:5,actions=output:1`; without a command, lines of `add-groups`.
 * @param options `command`: what is to be done, `add` unless the text begins with a word for it; `names`: numbers of
 * ports by name
 * @throws ParseError
 */
export function parseGroupMod(
  text: string,
  { command, names }: { readonly command?: GroupCommand; readonly names?: PortNames } = {},
): GroupMod {
  const given = cut({ text, at: 0 }, 0)
  const [word, whole] = command === undefined ? splitCommand(given) : [command, given]
  switch (word) {
    case 'delete':
      return parseDelete(whole)
    case 'insertBucket':
      return parseInsert(whole, names)
    case 'removeBucket':
      return parseRemove(whole)
    default:
      return { type: 'groupMod', command: word ?? 'add', ...parseGroupIn(whole, names) }
  }
}
