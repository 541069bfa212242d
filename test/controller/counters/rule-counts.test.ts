import test from 'ava'
import fc from 'fast-check'
import type { CountedFor } from '../../../src/controller/counters/counted.js'
import { RuleCounts } from '../../../src/controller/counters/rule-counts.js'

const allowed: CountedFor = { policy: 'a/web', direction: 'ingress', index: 0, kind: 'allowed' }
const rest: CountedFor = { policy: 'a/web', direction: 'ingress', index: undefined, kind: 'denied' }

const flow = (key: string, packets: number, of = allowed) => ({
  key,
  packets: BigInt(packets),
  bytes: BigInt(100 * packets),
  of,
})

test('flows and hosts add up, and a second reading adds what is new', (t) => {
  const counts = new RuleCounts()
  counts.add('h1', [flow('a', 3), flow('b', 4), flow('c', 1, rest)])
  counts.add('h2', [flow('a', 10)])
  counts.add('h1', [flow('a', 5), flow('b', 4), flow('c', 1, rest)])
  t.deepEqual(counts.all(), [
    {
      policy: 'a/web',
      direction: 'ingress',
      rule: '0',
      allowed: { packets: '19', bytes: '1900' },
      denied: { packets: '0', bytes: '0' },
      replies: { packets: '0', bytes: '0' },
    },
    {
      policy: 'a/web',
      direction: 'ingress',
      rule: 'default',
      allowed: { packets: '0', bytes: '0' },
      denied: { packets: '1', bytes: '100' },
      replies: { packets: '0', bytes: '0' },
    },
  ])
})

test('a flow that goes and comes again goes on counting; one that means something else counts for that', (t) => {
  const counts = new RuleCounts()
  counts.add('h1', [flow('a', 5)])
  counts.add('h1', [flow('a', 2)])
  t.is(counts.all()[0]?.allowed.packets, '7')
  counts.add('h1', [])
  counts.add('h1', [flow('a', 2)])
  t.is(counts.all()[0]?.allowed.packets, '9')
  counts.add('h1', [flow('a', 5, rest)])
  t.deepEqual(
    counts.all().map((each) => [each.rule, each.allowed.packets, each.denied.packets]),
    [
      ['0', '9', '0'],
      ['default', '0', '3'],
    ],
  )
})

test('no reading makes a counter go backwards', (t) => {
  const reading = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), packets: fc.nat(50) }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('h1', 'h2'), reading)), (readings) => {
      const counts = new RuleCounts()
      let last = 0n
      for (const [host, flows] of readings) {
        const each = new Map(flows.map(({ key, packets }) => [key, flow(key, packets)]))
        counts.add(host, each.values())
        const now = BigInt(counts.all()[0]?.allowed.packets ?? 0)
        t.true(now >= last)
        last = now
      }
    }),
  )
})

test('rules and hosts that are gone are forgotten', (t) => {
  const counts = new RuleCounts()
  counts.add('h1', [flow('a', 5), flow('b', 1, rest)])
  counts.keep(({ index }) => index === undefined, new Set())
  t.deepEqual(
    counts.all().map(({ rule }) => rule),
    ['default'],
  )
  counts.add('h1', [flow('b', 1, rest)])
  t.is(counts.all()[0]?.denied.packets, '2')
})
