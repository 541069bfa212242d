import test from 'ava'
import fc from 'fast-check'
import { readNotice, ruleNumber } from '../../src/verdicts/notice.js'

test('reason, direction, outcome, then the number of the rule', (t) => {
  t.deepEqual(readNotice(Buffer.from('0300010000001803', 'hex')), {
    direction: 'egress',
    outcome: 'deny',
    rule: { policy: 3, index: 3 },
  })
  t.deepEqual(readNotice(Buffer.from('030102003fffffff', 'hex')), {
    direction: 'ingress',
    outcome: 'reject',
    rule: { policy: 524_287, index: 2047 },
  })
  t.like(readNotice(Buffer.from('0301000000000000', 'hex')), { outcome: 'allow', rule: { policy: 0 } })
})

test('what does not say all of that is none', (t) => {
  for (const userdata of [
    '',
    '03',
    '03000100000018',
    '030001000000180300',
    '0302000000000001',
    '0300030000000001',
  ])
    t.is(readNotice(Buffer.from(userdata, 'hex')), undefined, userdata)
  t.is(readNotice(Buffer.from('0300000100000001', 'hex')), undefined)
})

test('any bytes are read or refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
      const notice = readNotice(bytes)
      if (notice) t.is(bytes.length, 8)
    }),
  )
  t.deepEqual(ruleNumber(0xffffffff), { policy: 0x1fffff, index: 2047 })
})
