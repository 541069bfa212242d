import test from 'ava'
import fc from 'fast-check'
import { ProtocolError } from '../../src/ovsdb/errors.js'
import { type Json, parseJson } from '../../src/ovsdb/json.js'
import { JsonReader } from '../../src/ovsdb/json-reader.js'

/** Everything that comes out when the bytes go in by chunks of these sizes, in turns. */
function readBy(sizes: readonly number[], bytes: Buffer): Json[] {
  const reader = new JsonReader(1_000_000)
  const found: Json[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length
    found.push(...reader.push(bytes.subarray(at, at + size)))
    at += size
  }
  return found
}

const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '__proto__', '1', 'a"}', '\\'))
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, 2 ** 53 - 1, '"{[', []),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}))
const gap = fc.constantFrom('', '', ' ', '\n', '\r\n\t')
const text = fc
  .tuple(fc.dictionary(key, value), fc.constantFrom(undefined, 1, '\t'))
  .map(([object, indent]) => JSON.stringify(object, null, indent))

test('what is read does not depend on the chunks', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, gap), { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (parts, sizes) => {
        const found = readBy(sizes, Buffer.from(parts.flat().join('')))
        t.deepEqual(
          found,
          parts.map(([json]) => parseJson(json)),
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('members keep their order and their integers, and the last of a name counts', (t) => {
  const json =
    '{"b":1,"a":[[{"x":{"long":9223372036854775807,"-":-9007199254740993}}]],"b":12345678901234567890,"c":1e3}'
  const whole = parseJson(json)
  t.deepEqual(whole, {
    b: 12345678901234567890n,
    a: [[{ x: { long: 9223372036854775807n, '-': -9007199254740993n } }]],
    c: 1000,
  })
  for (let size = 1; size <= json.length; size++) t.deepEqual(readBy([size], Buffer.from(json)), [whole])
})

test('braces, quotes and backslashes in strings end nothing, cut at every byte', (t) => {
  const object = { a: '}{"][\\', '\\"': ['\\\\"', '}'] }
  const bytes = Buffer.from(JSON.stringify(object).repeat(2))
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new JsonReader(1000)
    t.deepEqual(
      [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))],
      [object, object],
    )
  }
})

test('a text over the bound is an error before it has ended', (t) => {
  const reader = new JsonReader(10)
  t.deepEqual(reader.push(Buffer.from('{"a":12345}'.slice(0, 10))), [])
  t.throws(() => reader.push(Buffer.from('6')), { instanceOf: ProtocolError })
  t.throws(() => new JsonReader(10).push(Buffer.from('{"a":12345}')), { instanceOf: ProtocolError })
})

for (const junk of ['HTTP/1.1 400', '[1]', '"{}"', '}', '{} x']) {
  test(`${junk} is a protocol error`, (t) => {
    t.throws(() => new JsonReader(1000).push(Buffer.from(junk)), { instanceOf: ProtocolError })
    t.throws(() => readBy([1], Buffer.from(junk)), { instanceOf: ProtocolError })
  })
}

for (const broken of [
  '{"a":}',
  '{"a":1,}',
  '{,}',
  '{"a" 1}',
  '{"a":1 "b":2}',
  '{a:1}',
  '{"a":[1,]}',
  '{"a":[,1]}',
  '{"a":[1 2]}',
  '{"a":[1}]}',
  '{"a":{"b":1]}',
  '{"a":tru}',
  '{"a":1"b"}',
  '{"a":01}',
  '{1:2}',
  '{"a":{"b":{"c":{"d":{"e":}}}}}',
]) {
  test(`${broken} is no JSON, whole or byte by byte`, (t) => {
    t.throws(() => new JsonReader(1000).push(Buffer.from(broken)), { instanceOf: ProtocolError })
    t.throws(() => readBy([1], Buffer.from(broken)), { instanceOf: ProtocolError })
  })
}

test('a comma before the end of a row container is refused, wherever the text is cut', (t) => {
  const text = Buffer.from('{"id":1,"error":null,"result":{"Bridge":{"a":{"new":{"x":1}}, }}}')
  for (let cut = 1; cut < text.length; cut++) {
    const reader = new JsonReader(1 << 16)
    t.throws(() => [...reader.push(text.subarray(0, cut)), ...reader.push(text.subarray(cut))], {
      instanceOf: ProtocolError,
    })
  }
})
