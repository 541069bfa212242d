import test from 'ava'
import fc from 'fast-check'
import { answerBytes, type Query, readQuery } from '../../src/dns/message.js'
import { Malformed } from '../../src/frames/malformed.js'

/** `dig +noedns web.lan.a.internal A`. */
const plain = '12340100000100000000000003776562036c616e016108696e7465726e616c0000010001'
/** `dig WEB.lan.a.internal AAAA` with EDNS, 4,096 bytes, and a cookie. */
const extended =
  'abcd0120000100000000000103574542036c616e016108696e7465726e616c00001c0001' +
  '0000291000000000000' +
  '00c000a00080102030405060708'

function query(hex: string): Query {
  const read = readQuery(Buffer.from(hex, 'hex'))
  if (!read || read instanceof Malformed) throw new Error('no query')
  return read
}

function answered(query: Query, ...data: readonly string[]): string {
  const records = data.map((hex) => ({ type: 1, data: Buffer.from(hex, 'hex') }))
  return answerBytes(query, { code: 0, records }).toString('hex')
}

test('a query', (t) => {
  t.like(query(plain), {
    id: 0x1234,
    isRecursionDesired: true,
    name: 'web.lan.a.internal',
    type: 1,
    class: 1,
  })
  t.is(query(plain).extension, undefined)
  t.like(query(extended), {
    name: 'web.lan.a.internal',
    type: 28,
    extension: { version: 0, mostBytes: 4096 },
  })
})

test('an answer repeats the question as it was asked', (t) => {
  t.is(
    answered(query(plain), 'c0a80102'),
    '12348500000100010000000003776562036c616e016108696e7465726e616c0000010001' +
      'c00c000100010000001e0004c0a80102',
  )
  const answer = answered(query(extended))
  t.true(answer.startsWith('abcd85000001000000000001' + '03574542'))
  t.true(answer.endsWith('00002904d0000000000000'))
})

test('codes beyond 15 are in the OPT record, and only what is known is said with authority', (t) => {
  const bad = answerBytes(query(extended), { code: 16, records: [] }).toString('hex')
  t.is(bad.slice(0, 8), 'abcd8100')
  t.true(bad.endsWith('00002904d0010000000000'))
  t.is(answerBytes(query(plain), { code: 5, records: [] }).readUInt16BE(2), 0x8105)
  t.is(answerBytes(query(plain), { code: 3, records: [] }).readUInt16BE(2), 0x8503)
})

test('an answer is never longer than its resolver takes', (t) => {
  const many = Array.from({ length: 200 }, () => 'c0a80102')
  const short = Buffer.from(answered(query(plain), ...many), 'hex')
  t.true(short.length <= 512 && short.length > 490)
  t.is(short.readUInt16BE(6), (short.length - 36) / 16)
  t.is(short.readUInt16BE(2) & 0x0200, 0)
  const long = Buffer.from(answered(query(extended), ...many), 'hex')
  t.true(long.length <= 1232 && long.length > 1210)
})

test('an answer is not answered, and an update is told that there are none', (t) => {
  t.is(readQuery(Buffer.from(plain.replace('12340100', '12348100'), 'hex')), undefined)
  const update = query(plain.replace('12340100', '12342900'))
  t.is(update.operation, 5)
  t.is(answerBytes(update, { code: 4, records: [] }).toString('hex'), '1234a9040000000000000000')
})

test('what is cut short or no question is malformed', (t) => {
  for (const hex of [
    ...['', plain.slice(0, 22), plain.slice(0, -2)],
    // Two questions, none, an answer in a question, a pointer for a name, a cut OPT record.
    plain.replace('00010000', '00020000'),
    plain.replace('00010000', '00000000'),
    plain.replace('000100000000', '000100010000'),
    `${plain.slice(0, 24)}c00c00010001`,
    extended.slice(0, -2),
  ])
    t.true(readQuery(Buffer.from(hex, 'hex')) instanceof Malformed, hex)
})

test('any bytes are read or refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 80 }), (bytes, at) => {
      const mixed = Buffer.concat([Buffer.from(extended, 'hex').subarray(0, at), bytes])
      const read = readQuery(mixed)
      if (!read || read instanceof Malformed) return
      const answer = answerBytes(read, { code: 0, records: [] })
      t.is(answer.readUInt16BE(0), mixed.readUInt16BE(0))
      t.true((answer.readUInt16BE(2) & 0x8000) !== 0)
    }),
    { numRuns: 5000 },
  )
})
