import test from 'ava'
import fc from 'fast-check'
import { stranded, strandedKinds, strandedPlaces } from '../../flows/answers.js'
import { kinds, places, readNotice } from '../../src/router/notice.js'

test('what flows say is read: kind, place and MTU', (t) => {
  t.deepEqual(Object.keys(strandedKinds), [...kinds])
  t.deepEqual(Object.keys(strandedPlaces), [...places])
  for (const kind of kinds)
    for (const place of places)
      for (const mtu of [0, 1442, 65_535]) {
        const [action] = stranded(kind, place, mtu)
        const userdata = action?.type === 'controller' && action.userdata
        t.deepEqual(userdata && readNotice(userdata), { kind, place, mtu })
      }
})

test('what does not say all of that is none', (t) => {
  for (const userdata of [
    '',
    '05',
    '0500000000',
    '05000000000000',
    '050700000000',
    '050004000000',
    '050000010000',
  ])
    t.is(readNotice(Buffer.from(userdata, 'hex')), undefined, userdata)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      if (readNotice(bytes)) t.is(bytes.length, 6)
    }),
  )
})
