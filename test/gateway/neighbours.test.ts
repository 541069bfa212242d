import test from 'ava'
import { pino } from 'pino'
import { Neighbours } from '../../src/gateway/neighbours.js'
import { Model } from '../../src/model/model.js'
import { gateway, host, put } from '../support/rows.js'

/** A gateway whose next hop is asked for; `sent` counts the questions. */
function asking() {
  const model = new Model()
  model.commit([
    put('host', host('h1', 1)),
    put('gateway', gateway('campus', 3)),
    put('bridge', { id: 'h1', uplinks: { campus: 7 } }),
  ])
  const sent: number[] = []
  let connected = true
  const neighbours = new Neighbours({
    model,
    activeHost: () => 'h1',
    send: (_, port) => connected && sent.push(port) > 0,
    onChanges: (changes) => model.commit(changes),
    log: pino({ level: 'silent' }),
  })
  return { model, neighbours, sent, connect: (value: boolean) => (connected = value) }
}

/** The ARP reply of 203.0.113.1 at 02:00:00:00:00:99. */
const reply = Buffer.from(
  `0aff0000000102000000009908060001080006040002020000000099cb0071010aff00000001cb007146${'00'.repeat(18)}`,
  'hex',
)

test('a next hop is asked for again soon, then ever later, and never given up', (t) => {
  const { neighbours, sent } = asking()
  const askedAt: number[] = []
  for (let now = 0; now <= 5000; now += 50) {
    const before = sent.length
    neighbours.probe(now)
    if (sent.length > before) askedAt.push(now)
  }
  t.deepEqual(askedAt, [0, 100, 300, 700, 1500, 2500, 3500, 4500])
})

test('a question that could not be sent is asked at the next opportunity', (t) => {
  const { neighbours, sent, connect } = asking()
  connect(false)
  neighbours.probe(0)
  connect(true)
  neighbours.probe(1)
  t.deepEqual(sent, [7])
})

test('an answer is known from then on, and asked for again after a while', (t) => {
  const { model, neighbours, sent } = asking()
  neighbours.probe(0)
  neighbours.advertised('h1', reply, 10)
  t.is(model.get('neighbour', 'campus/203.0.113.1')?.mac, '02:00:00:00:00:99')
  neighbours.probe(20_000)
  t.is(sent.length, 1)
  neighbours.probe(40_000)
  t.is(sent.length, 2)
})
