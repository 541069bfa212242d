import test from 'ava'
import fc from 'fast-check'
import { ProtocolError } from '../../src/ovsdb/errors.js'
import { JsonSplitter } from '../../src/ovsdb/json-splitter.js'

test('texts are found whatever the chunks', (t) => {
  const text = fc
    .dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()), {
      noNullPrototype: true,
    })
    .map((value) => JSON.stringify(value))
  const gap = fc.constantFrom('', '', ' ', '\n', '\r\n\t')
  fc.assert(
    fc.property(fc.array(fc.tuple(text, gap)), fc.array(fc.integer({ min: 1, max: 40 })), (parts, sizes) => {
      const bytes = Buffer.from(parts.flat().join(''))
      const splitter = new JsonSplitter(1_000_000)
      const found: string[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? bytes.length
        found.push(...splitter.push(bytes.subarray(at, at + size)))
        at += size
      }
      t.deepEqual(
        found,
        parts.map(([json]) => json),
      )
    }),
  )
})

test('braces, quotes and backslashes in strings end nothing, cut at every byte', (t) => {
  const text = JSON.stringify({ a: '}{"][\\', '\\"': ['\\\\"', '}'] })
  const bytes = Buffer.from(text + text)
  for (let cut = 0; cut <= bytes.length; cut++) {
    const splitter = new JsonSplitter(1000)
    t.deepEqual(
      [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))],
      [text, text],
    )
  }
})

test('a text over the bound is an error before it has ended', (t) => {
  const splitter = new JsonSplitter(10)
  t.deepEqual(splitter.push(Buffer.from('{"a":12345}'.slice(0, 10))), [])
  t.throws(() => splitter.push(Buffer.from('6')), { instanceOf: ProtocolError })
})

for (const junk of ['HTTP/1.1 400', '[1]', '"{}"', '}', '{} x']) {
  test(`${junk} is a protocol error`, (t) => {
    t.throws(() => new JsonSplitter(1000).push(Buffer.from(junk)), { instanceOf: ProtocolError })
  })
}
