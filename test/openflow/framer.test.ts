import test from 'ava'
import { DecodeError, encodeMessage, Framer } from '../../src/openflow/index.js'
import { sampleMessages } from '../support/sample-messages.js'

const messages = sampleMessages(6).map((message) => encodeMessage(message, 6))
const stream = Buffer.concat(messages)

for (const size of [1, 3, 7, 8, 64, 1000, stream.length])
  test(`chunks of ${size} bytes give the same messages`, (t) => {
    const framer = new Framer()
    const found: Buffer[] = []
    for (let at = 0; at < stream.length; at += size)
      for (const message of framer.push(stream.subarray(at, at + size))) found.push(Buffer.from(message))
    t.deepEqual(found, messages)
    t.is(framer.pending, 0)
  })

test('what is incomplete waits', (t) => {
  const framer = new Framer()
  t.deepEqual([...framer.push(stream.subarray(0, 4))], [])
  t.is(framer.pending, 4)
})

test('a length below that of a header is an error', (t) => {
  t.throws(() => [...new Framer().push(Buffer.from('0600000700000001', 'hex'))], { instanceOf: DecodeError })
})
