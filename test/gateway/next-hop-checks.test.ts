import test from 'ava'
import { macBytes } from '../../src/frames/addresses.js'
import { whoHas } from '../../src/frames/neighbours.js'
import { NextHopChecks } from '../../src/gateway/next-hop-checks.js'
import { Model } from '../../src/model/model.js'
import { gateway, host, put } from '../support/rows.js'

const own = gateway('out', 9, { hosts: ['h1', 'h2'] })
/** 203.0.113.1 is at 0a:ee:00:00:00:01, said to nobody in particular. */
const answer = Buffer.from(
  '0200000000010aee00000001080600010800060400020aee00000001cb00710102000000000100000000',
  'hex',
)
const question = whoHas('203.0.113.1', { address: '0.0.0.0', mac: '02:00:00:00:00:01' })

function setUp() {
  const model = new Model()
  model.commit([
    put('gateway', own),
    ...['h1', 'h2'].flatMap((id, index) => [
      put('host', host(id, index + 1)),
      put('bridge', { id, uplinks: { out: 5 } }),
    ]),
  ])
  const sent: string[] = []
  const silent = new Set<string>()
  const offline = new Set<string>()
  let now = 0
  const checks = new NextHopChecks({
    model,
    hostsOf: ({ hosts }) => hosts,
    identityOf: () => ({ mac: '02:00:00:00:00:01', linkLocal: 'fe80::1' }),
    send: (on, port, frame) => {
      if (offline.has(on)) return false
      sent.push(`${on} ${port} ${frame.toString('hex')}`)
      if (!silent.has(on)) queueMicrotask(() => checks.heard(on, answer))
      return true
    },
    now: () => now,
    sleep: async (ms) => {
      await new Promise((resolve) => setImmediate(resolve))
      now += ms
    },
  })
  const states = () => ['h1', 'h2'].map((id) => checks.answered(own, id))
  return { model, checks, sent, silent, offline, states, advance: (ms: number) => (now += ms) }
}

test('nobody is asked until somebody wants to know', async (t) => {
  const { checks, sent, states } = setUp()
  t.deepEqual(states(), [{}, {}])
  t.deepEqual(sent, [])
  await checks.check()
  t.deepEqual(sent, [`h1 5 ${question.toString('hex')}`, `h2 5 ${question.toString('hex')}`])
  t.deepEqual(states(), [
    { isAnswered: true, heardAtMs: 0 },
    { isAnswered: true, heardAtMs: 0 },
  ])
})

test('a next hop that is known is asked by itself first, and by everybody when it does not answer', async (t) => {
  const { model, checks, sent, silent, states, advance } = setUp()
  const mac = '0a:ee:00:00:00:01'
  model.commit([put('neighbour', { id: 'out/203.0.113.1', gateway: 'out', address: '203.0.113.1', mac })])
  await checks.check()
  advance(5000)
  silent.add('h2')
  sent.splice(0)
  await checks.check()
  const alone = Buffer.concat([macBytes(mac), question.subarray(6)]).toString('hex')
  t.deepEqual(
    sent.filter((each) => each.startsWith('h2')),
    [`h2 5 ${alone}`, `h2 5 ${question.toString('hex')}`, `h2 5 ${question.toString('hex')}`],
  )
  t.is(sent.filter((each) => each.startsWith('h1')).length, 1)
  t.deepEqual(states(), [
    { isAnswered: true, heardAtMs: 5000 },
    { isAnswered: false, heardAtMs: 0 },
  ])
  silent.clear()
  await checks.check()
  t.true(checks.answered(own, 'h2').isAnswered)
})

test('of a host that cannot be told to ask nothing is known; several who want to know cause one question', async (t) => {
  const { checks, sent, offline, states } = setUp()
  await checks.check()
  offline.add('h1')
  sent.splice(0)
  await Promise.all([checks.check(), checks.check()])
  t.is(sent.length, 1)
  t.deepEqual(states()[0], {})
})
