import test from 'ava'
import pino from 'pino'
import { whoHas } from '../../src/frames/neighbours.js'
import { Neighbours } from '../../src/gateway/neighbours.js'
import { Model } from '../../src/model/model.js'
import { gateway, host, put } from '../support/rows.js'

const own = gateway('out', 9)
const minute = 60_000

function setUp() {
  const model = new Model()
  model.commit([
    put('host', host('h1', 1)),
    put('gateway', own),
    put('bridge', { id: 'h1', uplinks: { out: 5 } }),
  ])
  const sent: string[] = []
  let connected = true
  const connect = (value: boolean) => {
    connected = value
  }
  const neighbours = new Neighbours({
    model,
    activeHost: () => 'h1',
    send: (on, port, frame) => {
      if (connected) sent.push(`${on} ${port} ${frame.toString('hex')}`)
      return connected
    },
    askAsHost: ({ id }, host, address) => {
      sent.push(`${id} ${host} ${address}`)
      return true
    },
    mayForget: () => true,
    onChanges: (changes) => model.commit(changes),
    log: pino({ level: 'silent' }),
  })
  const asked = (address: string) =>
    `h1 5 ${whoHas(address, { address: '203.0.113.70', mac: own.mac }).toString('hex')}`
  return { model, neighbours, sent, asked, connect }
}

function reply(last: number, mac: string): Buffer {
  const station = `${mac.replaceAll(':', '')}cb0071${last.toString(16).padStart(2, '0')}`
  return Buffer.from(`0aff000000010aee0000000108060001080006040002${station}0aff00000001cb007146`, 'hex')
}

test('a next hop is asked for again soon, then ever later, and never given up', (t) => {
  const { neighbours, sent } = setUp()
  const askedAt: number[] = []
  for (let now = 0; now <= 5000; now += 50) {
    const before = sent.length
    neighbours.probe(now)
    if (sent.length > before) askedAt.push(now)
  }
  t.deepEqual(askedAt, [0, 100, 300, 700, 1500, 2500, 3500, 4500])
})

test('a question that could not be sent is asked at the next opportunity', (t) => {
  const { neighbours, sent, connect, asked } = setUp()
  connect(false)
  neighbours.probe(0)
  connect(true)
  neighbours.probe(1)
  t.deepEqual(sent, [asked('203.0.113.1')])
})

test('an answer is known from then on, and asked for again after a while', (t) => {
  const { model, neighbours, sent } = setUp()
  neighbours.probe(0)
  neighbours.advertised('h1', reply(1, '0a:ee:00:00:00:01'), 10)
  t.like(model.get('neighbour', 'out/203.0.113.1'), { mac: '0a:ee:00:00:00:01' })
  neighbours.probe(20_000)
  t.is(sent.length, 1)
  neighbours.probe(40_000)
  t.is(sent.length, 2)
})

test('a next hop that has another MAC is followed, one that is silent is kept', (t) => {
  const { model, neighbours } = setUp()
  neighbours.probe(0)
  neighbours.advertised('h1', reply(1, '0a:ee:00:00:00:01'), 0)
  neighbours.advertised('h1', reply(1, '0a:ee:00:00:00:02'), 10)
  t.like(model.get('neighbour', 'out/203.0.113.1'), { mac: '0a:ee:00:00:00:02' })
  for (let at = minute; at < 2 * minute; at += 1000) neighbours.probe(at)
  t.truthy(model.get('neighbour', 'out/203.0.113.1'))
})

test('a station on the wire is asked for when a packet goes to it, and forgotten when it is gone', (t) => {
  const { model, neighbours, sent, asked } = setUp()
  const packet = Buffer.concat([
    Buffer.from('0aee000000010aff000000010800', 'hex'),
    Buffer.alloc(16),
    Buffer.from('cb0071fa', 'hex'),
  ])
  neighbours.unresolved('h1', packet, 0)
  t.deepEqual(sent, [asked('203.0.113.250')])
  neighbours.advertised('h1', reply(250, '0a:ee:00:00:00:fa'), 0)
  t.truthy(model.get('neighbour', 'out/203.0.113.250'))
  for (let at = minute; at < 2 * minute; at += 1000) neighbours.probe(at)
  t.is(model.get('neighbour', 'out/203.0.113.250'), undefined)
})

test('who was not asked is not believed', (t) => {
  const { model, neighbours } = setUp()
  neighbours.probe(0)
  neighbours.advertised('h1', reply(66, '0a:66:00:00:00:66'), 0)
  t.deepEqual([...model.rows('neighbour')], [])
})

test('what an earlier life had found is confirmed at once and used meanwhile', (t) => {
  const { model, neighbours, sent, asked } = setUp()
  model.commit([
    put('neighbour', {
      id: 'out/203.0.113.9',
      gateway: 'out',
      address: '203.0.113.9',
      mac: '0a:ee:00:00:00:09',
    }),
  ])
  neighbours.probe(0)
  t.true(sent.includes(asked('203.0.113.9')))
  t.truthy(model.get('neighbour', 'out/203.0.113.9'))
})

test('where the gateway has the address of its host, that asks itself', (t) => {
  const { model, neighbours, sent } = setUp()
  model.commit([put('gateway', { ...own, address: 'host', hostAddresses: { h1: '203.0.113.60' } })])
  neighbours.probe(0)
  t.deepEqual(sent, ['out h1 203.0.113.1'])
})
