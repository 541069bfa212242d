import test from 'ava'
import fc from 'fast-check'
import { ProtocolError, ValueError } from '../../src/ovsdb/errors.js'
import { formatJson, type Json, parseJson } from '../../src/ovsdb/json.js'

test('integers beyond the safe range keep their digits, others stay numbers', (t) => {
  t.deepEqual(parseJson('[9007199254740993,-9223372036854775808,9007199254740991,0.1234567890123456789]'), [
    9007199254740993n,
    -9223372036854775808n,
    9007199254740991,
    0.12345678901234568,
  ])
  t.deepEqual(
    parseJson('[1.0e-0000000000000001,10000000000000000000e1,10000000000000000000.5]'),
    [0.1, 1e20, 1e19],
  )
})

test('digits in strings are left alone, also behind escaped quotes', (t) => {
  const texts = [
    '00000000000000000001',
    'a"9007199254740993,',
    '\\',
    '\\"9007199254740993',
    '[9007199254740993]',
  ]
  t.deepEqual(parseJson(`{"x":[${texts.map((s) => JSON.stringify(s)).join(',')},9007199254740993]}`), {
    x: [...texts, 9007199254740993n],
  })
})

test('any value survives being written and read', (t) => {
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
      fc.stringMatching(/^[\d"\\,: ]{0,30}$/),
      fc.array(tie('tree')),
      fc.dictionary(fc.stringMatching(/^[a-z"\\]{1,5}$/), tie('tree'), { noNullPrototype: true }),
    ),
  }))
  fc.assert(fc.property(tree, (value) => t.deepEqual(parseJson(formatJson([value])), [value])))
})

test('what is not JSON is a protocol error with its cause', (t) => {
  const error = t.throws(() => parseJson('{"a":}'), { instanceOf: ProtocolError, code: 'protocol' })
  t.true(error.cause instanceof SyntaxError)
})

test('strings that OVSDB does not allow, with U+0000 or half of a surrogate pair, are not written', (t) => {
  for (const text of ['\u0000int64:1', '\ud83d', 'a\ude00', '\ude00\ud83d'])
    t.throws(() => formatJson([text]), { instanceOf: ValueError })
  t.is(formatJson(['\u{1f600}']), '["\u{1f600}"]')
})
