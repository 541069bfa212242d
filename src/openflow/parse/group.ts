/** Groups as `ovs-ofctl add-group` takes them and `dump-groups` writes them. */
import { toInteger } from '../actions/bits.js'
import { isMasked } from '../entry.js'
import { type FieldMask, onesOf, writeFieldMasks } from '../field-masks.js'
import type { Bucket } from '../messages/bucket.js'
import { type GroupDesc, GroupId, type GroupProperties } from '../messages/group.js'
import { Port } from '../ports.js'
import { actionsOf } from './actions.js'
import { cut, fail, type Item, item, items, type Piece, parseInteger, parseNumber } from './piece.js'
import { optional } from './properties.js'
import { type PortNames, parseField, parsePort, parseValue } from './value.js'

const types: ReadonlyMap<string, 'all' | 'select' | 'indirect' | 'fastFailover'> = new Map([
  ['all', 'all'],
  ['select', 'select'],
  ['indirect', 'indirect'],
  ['ff', 'fastFailover'],
  ['fast_failover', 'fastFailover'],
])

/** Largest number of a bucket (OpenFlow 1.5.1, §7.3.4.3.1). */
const maxBucketId = 0xffffff00

function parseGroupId(piece: Piece): number {
  if (piece.text === 'all') return GroupId.all
  const group = parseNumber(piece, 32)
  return group <= GroupId.max ? group : fail('bad-value', piece, 'is no group')
}

/** Fields to hash, each with the bits that count: all unless a value says which. */
function parseFields(list: readonly Item[], names?: PortNames): Buffer {
  const masks: FieldMask[] = []
  for (const { key, value } of list) {
    const spec = parseField(key)
    if (masks.some((other) => other.spec === spec)) fail('conflict', key, 'occurs twice')
    const mask = value.text === '' ? onesOf(spec) : parseValue(spec, value, names)
    if (isMasked(mask) || toInteger(spec, mask) === 0n) fail('bad-value', value, 'is no mask')
    masks.push({ spec, mask })
  }
  return writeFieldMasks(masks)
}

/** Nothing, for no port in particular. */
function parseWatchedPort(piece: Piece, names?: PortNames): number | undefined {
  const port = parsePort(piece, names)
  if (port === Port.any) return undefined
  return port < 0xff00 || port >= 0xfffffffd ? port : fail('bad-value', piece, 'cannot be watched')
}

type Draft = { -readonly [K in keyof Bucket]: Bucket[K] }

function parseBucket(piece: Piece, select: boolean, names?: PortNames): Draft {
  const bucket: Draft = { ...optional('weight', select ? 1 : undefined), actions: [] }
  const lists: Piece[] = []
  for (const part of items(piece)) {
    const { key, value, whole } = part
    switch (key.text.toLowerCase()) {
      case 'weight':
        bucket.weight = parseNumber(value, 16)
        break
      case 'watch_port':
        Object.assign(bucket, optional('watchPort', parseWatchedPort(value, names)))
        break
      case 'watch_group':
        bucket.watchGroup = parseNumber(value, 32)
        if (bucket.watchGroup > GroupId.max) fail('bad-value', value, 'is no group')
        break
      case 'bucket_id':
        bucket.id = parseNumber(value, 32)
        if (bucket.id > maxBucketId) fail('bad-value', value, 'is no bucket')
        break
      case 'action':
      case 'actions':
        lists.push(value)
        break
      default:
        lists.push(whole)
    }
  }
  if (lists.length === 0) fail('missing', piece, 'has no actions')
  // A weight of 0 is none, except among weights.
  if (!select && bucket.weight === 0) delete bucket.weight
  bucket.actions = lists.flatMap((list) => actionsOf(list, {}, names))
  return bucket
}

/** Gives buckets without a number the lowest ones that are free. */
function numberBuckets(buckets: readonly Draft[]): readonly Bucket[] {
  const used = new Set(buckets.map(({ id }) => id))
  let next = 0
  return buckets.map((bucket) => {
    if (bucket.id !== undefined) return bucket
    while (used.has(next)) next++
    return { ...bucket, id: next++ }
  })
}

/** Each `bucket=…` of the text, and what stands before the first one. */
function splitBuckets(whole: Piece): readonly [head: Piece, buckets: readonly Piece[]] {
  const starts = [...whole.text.matchAll(/bucket=/g)].map(({ index }) => index)
  const buckets = starts.map((start, i) => cut(whole, start + 'bucket='.length, starts[i + 1]))
  return [cut(whole, 0, starts[0]), buckets]
}

function checkGroup(whole: Piece, { groupType, buckets }: GroupDesc): void {
  for (const bucket of buckets) {
    if (groupType !== 'select' && bucket.weight !== undefined && bucket.weight !== 0)
      fail('conflict', whole, 'weighs the buckets of a group that does not select')
    if (groupType === 'fastFailover' && bucket.watchPort === undefined && bucket.watchGroup === undefined)
      fail('missing', whole, 'has a bucket that watches nothing')
  }
  if (groupType === 'indirect' && buckets.length > 1) fail('conflict', whole, 'has several buckets')
}

function parseSelection(found: ReadonlyMap<string, Item>, names?: PortNames): GroupProperties['selection'] {
  const [method, param, fields] = ['selection_method', 'selection_method_param', 'fields'].map((name) =>
    found.get(name),
  )
  if (method === undefined) {
    const other = param !== undefined && parseInteger(param.value, 64) !== 0n ? param : fields
    return other === undefined ? undefined : fail('missing', other.key, 'needs selection_method')
  }
  if (method.value.text.length > 15) fail('bad-value', method.value, 'is longer than 15 characters')
  if (fields !== undefined && method.value.text !== 'hash')
    fail('conflict', fields.key, 'needs selection_method=hash')
  const list = fields === undefined ? [] : fields.call ? items(fields.value) : [item(fields.value)]
  return {
    method: method.value.text,
    param: param === undefined ? 0n : parseInteger(param.value, 64),
    fields: parseFields(list, names),
  }
}

/** What stands before the buckets, by its words, and the buckets as text. */
interface GroupText {
  readonly whole: Piece
  readonly found: ReadonlyMap<string, Item>
  readonly tails: readonly Piece[]
}

/** Takes the text apart; a word that is not one of these is wrong. */
export function readGroup(whole: Piece, words: readonly string[]): GroupText {
  const [head, tails] = splitBuckets(whole)
  const found = new Map<string, Item>()
  for (const part of items(head)) {
    if (!words.includes(part.key.text)) fail('unknown-field', part.key, 'is no property of a group here')
    found.set(part.key.text, part)
  }
  return { whole, found, tails }
}

export function groupOf({ whole, found }: GroupText): number {
  return parseGroupId(found.get('group_id')?.value ?? fail('missing', whole, 'has no group_id'))
}

/** Buckets; those without a number get the lowest ones that are free. */
export function bucketsOf({ tails }: GroupText, select: boolean, names?: PortNames): readonly Bucket[] {
  return numberBuckets(tails.map((tail) => parseBucket(tail, select, names)))
}

/** Reads the group in the piece. */
export function parseGroupIn(whole: Piece, names?: PortNames): GroupDesc {
  const text = readGroup(whole, groupWords)
  const { found } = text
  const type = found.get('type')?.value ?? fail('missing', whole, 'has no type')
  const groupType = types.get(type.text) ?? fail('bad-value', type, 'is no type of a group')
  const group: GroupDesc = {
    groupType,
    group: groupOf(text),
    buckets: bucketsOf(text, groupType === 'select', names),
    ...optional('selection', parseSelection(found, names)),
  }
  checkGroup(whole, group)
  return group
}

/**
 * Reads a group as `group_id=1,type=select,bucket=weight:5,actions=output:1,bucket=actions=output:2`.
 * Buckets without a number get the lowest ones that are free.
 * @param options `names`: numbers of ports by name
 * @throws ParseError
 */
export function parseGroup(text: string, { names }: { readonly names?: PortNames } = {}): GroupDesc {
  return parseGroupIn({ text, at: 0 }, names)
}

const groupWords = ['group_id', 'type', 'selection_method', 'selection_method_param', 'fields']
