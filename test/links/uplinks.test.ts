import test from 'ava'
import { judgeUplink } from '../../src/links/uplinks.js'

const fine = { isReachable: true, hasCarrier: true, hasNextHop: true, isAnswered: true }
const { isAnswered: _, ...unasked } = fine

for (const [what, facts, expected] of [
  ['the next hop answers', fine, { state: 'up' }],
  ['there is nobody to ask', { ...unasked, hasNextHop: false }, { state: 'up' }],
  ['no carrier', { ...fine, hasCarrier: false }, { state: 'down', reason: 'no carrier' }],
  ['silence', { ...fine, isAnswered: false }, { state: 'down', reason: 'the next hop does not answer' }],
  ['not asked yet', unasked, { state: 'unknown', reason: 'the next hop has not been asked' }],
  [
    'a host that is away',
    { ...fine, isReachable: false },
    { state: 'unknown', reason: 'the host is not connected' },
  ],
] as const)
  test(`an uplink: ${what}`, (t) => t.deepEqual(judgeUplink(facts), expected))
