import { deepStrictEqual } from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { OvsdbClient, ProtocolError, Replica, startMonitor, ValueError } from '../../../src/ovsdb/index.js'
import { type Json, parseJson } from '../../../src/ovsdb/json.js'
import { JsonReader } from '../../../src/ovsdb/json-reader.js'
import { parseSchema } from '../../../src/ovsdb/schema.js'
import { a, b, c, schema, t1, t2, tables } from './fake-session.js'
import { ManualTimer } from './manual-timer.js'
import { pseudoRandom } from './pseudo-random.js'

export interface FuzzOptions {
  readonly texts: number
  readonly seed: number
  /** Asked between texts. */
  readonly goOn: () => boolean
}

export interface FuzzResult {
  readonly texts: number
  /** Texts that were JSON still. */
  readonly read: number
  /** Texts that ended their connection. */
  readonly refused: number
  /** Growth of the heap from the first tenth to the end, in bytes. */
  readonly growth: number
}

const MAX_BYTES = 4096

/** What a server says in a session with a monitor of one table, one message each. */
const messages = [
  { id: 1, error: null, result: [false, t1, { T: { [a]: { initial: { name: 'a', tags: 1 } } } }] },
  {
    id: 1,
    error: null,
    result: [true, t1, { T: { [a]: { insert: { name: 'é"\\', tags: ['set', [1, 2]] } } } }],
  },
  { method: 'update3', id: null, params: ['m', t2, { T: { [a]: { modify: { tags: ['set', [2, 3]] } } } }] },
  {
    method: 'update3',
    id: null,
    params: ['m', t2, { T: { [b]: { insert: { name: 'b' } }, [c]: { delete: null } } }],
  },
  { method: 'echo', id: 'echo', params: [] },
  { method: 'locked', id: null, params: ['l'] },
  { id: 2, error: 'unknown method', result: null },
  { id: 1, error: { error: 'canceled', details: 'x' }, result: null },
].map((message) => JSON.stringify(message))

/** Pieces that mutations put in. */
const pieces = [
  ...'{}[]",:\\-0eE.',
  '"',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '9223372036854775807',
  '-9223372036854775809',
  '1e999',
  'null',
  'true',
  '["uuid","x"]',
  '["set",[]]',
  '["map",[[1]]]',
  '"\\u0000int64":"x"',
  '[[[[[[[[[[',
  '{"a":{"a":{"a":{"a":',
  '\u00e9',
  '\u0000',
]

/** Values that mutations put in; undefined takes a member away. */
const values: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1e300,
  2 ** 53,
  '',
  'update3',
  'm',
  a,
  b,
  [],
  {},
  ['uuid', a],
  ['set', [1, 2, 2]],
  ['set', 3],
  ['map', [['a', 'b']]],
  { [a]: { modify: { name: 'x' } } },
  { [b]: { initial: null } },
  { T: { [c]: { insert: { tags: ['set', ['x']] } } } },
  JSON.parse('{"__proto__":{"name":1}}'),
]

/**
 * Throws unless, for each mutated text, the reader says the same whatever the chunks, and a client with a monitor
 * either goes on or ends its connection with a typed error, with every request settled.
 */
export async function fuzz({ texts, seed, goOn }: FuzzOptions): Promise<FuzzResult> {
  const random = pseudoRandom(seed)
  let [done, read, refused, base] = [0, 0, 0, 0]
  for (; done < texts && goOn(); done++) {
    const bytes = mutate(messages, random)
    try {
      if (sameWhateverTheChunks(bytes, random)) read++
      if (await serveTo(bytes)) refused++
    } catch (cause) {
      throw new Error(`text ${done} of seed ${seed}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause })
    }
    if (done === Math.floor(texts / 10)) base = process.memoryUsage().heapUsed
  }
  return { texts: done, read, refused, growth: process.memoryUsage().heapUsed - base }
}

/** One to three messages: half the time with values put in the place of others, else with bytes. */
function mutate(from: readonly string[], random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit)
  const chosen = Array.from({ length: 1 + below(3) }, () => from[below(from.length)] ?? '')
  if (below(2) === 0) return Buffer.from(chosen.map((text) => mutateValue(text, below)).join(''))
  let text = chosen.join('')
  for (let count = below(4); count >= 0; count--) {
    const [at, length] = [below(text.length + 1), below(12)]
    const piece = pieces[below(pieces.length)] ?? ''
    const choice = below(4)
    if (choice === 0) text = text.slice(0, at) + piece + text.slice(at)
    else if (choice === 1) text = text.slice(0, at) + text.slice(at + length)
    else if (choice === 2) text = text.slice(0, at) + piece + text.slice(at + 1)
    else text = text.slice(0, at) + text.slice(below(text.length + 1))
  }
  const bytes = Buffer.from(text)
  if (bytes.length > 0 && below(8) === 0) bytes[below(bytes.length)] = below(256)
  return bytes
}

/** Another value, name or nothing in the place of one or two values of a message. */
function mutateValue(text: string, below: (limit: number) => number): string {
  let left = below(Math.max(1, text.length >> 3))
  return JSON.stringify(
    JSON.parse(text, (_key, value: unknown) =>
      left-- === 0 ? (values[below(values.length)] ?? undefined) : value,
    ),
  )
}

/** Whether anything was read. */
function sameWhateverTheChunks(bytes: Buffer, random: () => number): boolean {
  const whole = readBy(bytes, bytes.length)
  const cut = readBy(bytes, 1 + Math.floor(random() * 20))
  // Where a text is broken, the reader may see it before or after the chunk has ended; what came before is the same.
  deepStrictEqual(cut.found.slice(0, whole.found.length), whole.found)
  if (whole.error === undefined && cut.error === undefined) deepStrictEqual(cut.found, whole.found)
  return whole.found.length > 0
}

function readBy(
  bytes: Buffer,
  size: number,
): { readonly found: readonly Json[]; readonly error?: ProtocolError } {
  const reader = new JsonReader(MAX_BYTES)
  const found: Json[] = []
  try {
    for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)))
    return { found }
  } catch (error) {
    if (error instanceof ProtocolError) return { found, error }
    throw error
  }
}

/** Gives a client with a monitor the bytes as its server's. Whether it ended the connection. */
async function serveTo(bytes: Buffer): Promise<boolean> {
  const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
  const client = new OvsdbClient(stream, { timer: new ManualTimer().timer, maxTextBytes: MAX_BYTES })
  let reason: Error | undefined
  void client.closed.then((error) => {
    reason = error
  })
  const replica = new Replica(tables, () => {})
  replica.bind(parseSchema(parseJson(JSON.stringify(schema))))
  const where = { T: { columns: ['name', 'tags'], where: [] } }
  const monitor = startMonitor(client, { database: 'db', id: 'm', tables: where }, replica)
  const settled = Promise.allSettled([monitor])
  stream.push(bytes)
  await new Promise(setImmediate)
  const refused = reason !== undefined
  if (reason && !(reason instanceof ProtocolError || reason instanceof ValueError)) throw reason
  client.close()
  await settled
  return refused
}
