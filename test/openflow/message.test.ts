/** Each message in each version: values to bytes and back, and what becomes of damaged bytes. */
import test from 'ava'
import {
  DecodeError,
  decodeMessage,
  EncodeError,
  encodeMessage,
  formatMessage,
  type Message,
  Writer,
} from '../../src/openflow/index.js'
import { kinds } from '../../src/openflow/kinds.js'
import { sampleMessages, versions } from '../support/sample-messages.js'

test('there is a sample of every kind of message', (t) => {
  const sampled = new Set(
    versions.flatMap((version) => sampleMessages(version).map(({ type }) => type as string)),
  )
  t.deepEqual(
    kinds.map(({ name }) => name).filter((name) => !sampled.has(name)),
    [],
  )
})

for (const version of versions)
  for (const message of sampleMessages(version)) {
    const title = `version ${version}, message ${message.xid} (${message.type})`
    test(`${title} comes back from its bytes`, (t) => {
      const bytes = encodeMessage(message, version)
      t.is(bytes[0], version)
      t.is(bytes.readUInt16BE(2), bytes.length)
      t.deepEqual(decodeMessage(bytes, version), message)
      t.deepEqual(encodeMessage(decodeMessage(bytes), version), bytes)
    })

    test(`${title} cut short or damaged decodes and has a text, or is a DecodeError`, (t) => {
      const bytes = encodeMessage(message, version)
      const attempt = (damaged: Buffer): 'value' | 'error' => {
        try {
          const text = formatMessage(decodeMessage(damaged, version), version)
          return text.includes('(xid=') || text.includes('decode error') ? 'value' : 'error'
        } catch (error) {
          if (error instanceof DecodeError) return 'error'
          throw error
        }
      }
      t.notThrows(() => {
        // Large messages repeat themselves: of these some lengths and bits stand for all.
        const step = Math.ceil(bytes.length / 256)
        for (let length = 0; length < bytes.length; length += step) {
          const cut = Buffer.from(bytes.subarray(0, length))
          if (attempt(cut) === 'value') throw new Error('a message shorter than its length must not decode')
          if (length < 8) continue
          cut.writeUInt16BE(length, 2)
          attempt(cut)
        }
        for (let bit = 0; bit < bytes.length * 8; bit += 2 * step - 1) {
          const damaged = Buffer.from(bytes)
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          attempt(damaged)
        }
      })
    })
  }

test('a message that the version does not have is refused', (t) => {
  const message: Message = { type: 'tableDescRequest', xid: 1 }
  t.throws(() => encodeMessage(message, 4), { instanceOf: EncodeError })
  t.throws(() => encodeMessage({ type: 'flowMonitorCancel', xid: 1, monitor: 1 }, 6), {
    instanceOf: EncodeError,
  })
})

test('values that do not fit their fields are refused', (t) => {
  const meter = { type: 'meterMod', xid: 1, command: 'add', meter: 2 ** 32, bands: [] } as const
  t.throws(() => encodeMessage(meter, 6), { instanceOf: EncodeError, message: /does not fit/ })
  const data = Buffer.alloc(70_000)
  t.throws(() => encodeMessage({ type: 'echoRequest', xid: 1, data }, 6), {
    instanceOf: EncodeError,
    message: /too long/,
  })
})

test('a message of another version than the negotiated one is refused, except a hello', (t) => {
  const barrier = encodeMessage({ type: 'barrierRequest', xid: 1 }, 4)
  t.throws(() => decodeMessage(barrier, 6), { instanceOf: DecodeError })
  const hello = encodeMessage({ type: 'hello', xid: 1, versions: [1, 4, 40] }, 6)
  hello[0] = 9
  t.deepEqual(decodeMessage(hello), { type: 'hello', xid: 1, versions: [1, 4, 40] })
})

test('one writer for many messages: each as if alone, also after one that is refused', (t) => {
  const w = new Writer(64)
  const port = (xid: number, number: number): Message => ({
    type: 'flowMod',
    xid,
    command: 'add',
    table: 1,
    match: { inPort: number },
    actions: [{ type: 'output', port: number }],
  })
  const messages = Array.from({ length: 20 }, (_, i) => port(i, i))
  const bytes = messages.map((message) => {
    t.throws(() => encodeMessage(port(1, -1), 6, w), { instanceOf: EncodeError })
    return encodeMessage(message, 6, w)
  })
  t.deepEqual(
    bytes.map((each) => each.toString('hex')),
    messages.map((message) => encodeMessage(message, 6).toString('hex')),
  )
})
