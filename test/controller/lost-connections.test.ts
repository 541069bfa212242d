import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import pino from 'pino'
import { LostConnections } from '../../src/controller/lost-connections.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { ConnectionClosed } from '../../src/openflow/index.js'
import { twoTenants } from '../support/cluster.js'
import { egress, floatingIp, gateway, portForward, put, route, service, workload } from '../support/rows.js'

const web = service('b/web', 50, { addresses: ['192.168.2.80'] })
const two = workload('b/two', 'b/lan', 5, { addresses: ['192.168.2.5'], labels: { role: 'web' } })
const web6 = service('b/web6', 51, { addresses: ['2001:db8:2::80'], backends: { role: 'six' } })
const six = workload('b/six', 'b/lan', 7, { addresses: ['2001:db8:2::6'], labels: { role: 'six' } })
const three = workload('b/three', 'b/lan', 6, { addresses: ['192.168.2.6'] })

function started(...more: readonly Change[]) {
  const model = new Model()
  let said: string[] = []
  const clock = { nowMs: 0 }
  const waits: number[] = []
  let left = Number.POSITIVE_INFINITY
  const connection = (host: string) => ({
    apply: async (messages: readonly object[]) => {
      if (left-- <= 0) throw new ConnectionClosed('peer')
      clock.nowMs += messages.length
      for (const { type, ...message } of messages as readonly { type: string }[])
        said.push(`${host} ${type} ${JSON.stringify(message)}`)
    },
  })
  const switches = { get: (host: string) => ({ connection: connection(host) }) }
  const lost = new LostConnections({
    model,
    bridges: () => switches,
    now: () => clock.nowMs,
    wait: async (ms) => waits.push(ms),
    log: pino({ enabled: false }),
  })
  const commit = (...changes: readonly Change[]) => lost.follow(model.commit(changes).changes)
  commit(...twoTenants, put('workload', two), put('workload', three), put('workload', six), ...more)
  /** What a host was told since it was asked last. */
  const told = async (host: string, nowMs = clock.nowMs) => {
    clock.nowMs = nowMs
    lost.settled(host)
    await setImmediate()
    const messages = said
    said = []
    return messages
  }
  const tick = (nowMs: number) => {
    clock.nowMs = nowMs
    lost.tick()
  }
  /** After so many messages the switches go away, and come back. */
  const leaveAfter = (messages: number) => {
    left = messages
  }
  return { commit, told, tick, waits, leaveAfter }
}

const toBackend = (address: string) =>
  `ctFlush ${JSON.stringify({ zone: 2, original: { destination: '192.168.2.80' }, reply: { source: address } })}`

test('connections to a backend that is gone are forgotten where the flows are, and once more', async (t) => {
  const { commit, told, tick } = started(put('service', web))
  t.deepEqual(await told('h1'), [])
  commit(put('workload', { ...two, labels: {} }))
  tick(10_000)
  t.deepEqual(
    await told('h1', 20_000),
    [`h1 ${toBackend('192.168.2.5')}`],
    'not before the switch has the flows',
  )
  await told('h2', 20_000)
  tick(21_999)
  t.deepEqual(await told('h3'), [])
  tick(22_000)
  t.deepEqual(
    await told('h3'),
    ['h1', 'h2'].map((host) => `${host} ${toBackend('192.168.2.5')}`),
  )
  tick(40_000)
  t.deepEqual(await told('h3'), [])
})

test('a backend that comes and goes while a switch is away is forgotten once', async (t) => {
  const { commit, told } = started(put('service', web))
  for (let n = 0; n < 3; n++) {
    commit(put('workload', two))
    commit(put('workload', { ...two, labels: {} }))
  }
  t.deepEqual(await told('h1'), [`h1 ${toBackend('192.168.2.5')}`])
})

test('an address of a backend that changes is one that is gone; one that stays is not', async (t) => {
  const { commit, told } = started(put('service', web))
  commit(put('workload', { ...two, addresses: ['192.168.2.7'] }))
  t.deepEqual(await told('h1'), [`h1 ${toBackend('192.168.2.5')}`])
  commit(put('service', { ...web, ports: [{ protocol: 'tcp' }] }), { table: 'port', id: 'h2/b2' })
  t.deepEqual(await told('h1'), [])
  commit({ table: 'service', id: 'b/web' })
  t.deepEqual(await told('h1'), [`h1 ${toBackend('192.168.2.7')}`])
})

const flushes = (host: string, matches: readonly object[]) =>
  matches.map((match) => `${host} ctFlush ${JSON.stringify(match)}`)

/** Between workload and transit address, in the zone of the tenant. */
const within = (inside: string, transit: string) => [
  { zone: 2, original: { source: inside }, reply: { destination: transit } },
  { zone: 2, original: { destination: transit }, reply: { source: inside } },
]
/** Between transit address and the address outside, in the zone of the gateway. */
const beyond = (transit: string, outside: string, zone = 9) => [
  { zone, original: { source: transit }, reply: { destination: outside } },
  { zone, original: { destination: outside }, reply: { source: transit } },
]

const address = floatingIp('b/web', 40, 'b/two')

test('connections of a floating address that gets another workload, or goes', async (t) => {
  const { commit, told } = started(put('floatingIp', address))
  t.deepEqual(await told('h1'), [], 'none of what has just come')
  commit(put('workload', { ...two, labels: { role: 'db' } }))
  t.deepEqual(await told('h1'), [], 'none when something else of its workload changes')
  commit(put('floatingIp', { ...address, workload: 'b/three' }))
  t.deepEqual(await told('h1'), flushes('h1', within('192.168.2.5', '240.0.0.40')))
  t.deepEqual(await told('h2'), [], 'only where the gateway is')
  commit(put('workload', { ...three, addresses: ['192.168.2.9'] }))
  t.deepEqual(
    await told('h1'),
    flushes('h1', within('192.168.2.6', '240.0.0.40')),
    'an address inside is a workload',
  )
  commit({ table: 'floatingIp', id: address.id })
  const rest = [...within('192.168.2.9', '240.0.0.40'), ...beyond('240.0.0.40', '203.0.113.40')]
  t.deepEqual(await told('h1'), flushes('h1', rest))
})

test('none of what is as before by the time it would be forgotten', async (t) => {
  const { commit, told, tick } = started(put('floatingIp', address), put('service', web))
  commit({ table: 'floatingIp', id: address.id }, put('workload', { ...two, labels: {} }))
  commit(put('floatingIp', address))
  t.deepEqual(await told('h1'), [`h1 ${toBackend('192.168.2.5')}`])
  commit(put('workload', two))
  tick(10_000)
  t.deepEqual(await told('h1'), [])
})

test('connections of a forward that leads elsewhere, or has another port', async (t) => {
  const forward = portForward('b/ssh', 41, 'b/two')
  const { commit, told } = started(put('portForward', forward))
  commit(put('portForward', { ...forward, workload: 'b/three' }))
  t.deepEqual(await told('h1'), flushes('h1', within('192.168.2.5', '240.0.0.41')))
  commit(put('portForward', { ...forward, workload: 'b/three', port: forward.port + 1 }))
  const both = [...within('192.168.2.6', '240.0.0.41'), ...beyond('240.0.0.41', '203.0.113.70')]
  t.deepEqual(await told('h1'), flushes('h1', both))
})

test('an egress that gets another address lets connections go on while the gateway keeps the first', async (t) => {
  const pool = gateway('pool', 12, { hosts: ['h1', 'h2'], pool: ['203.0.113.200'] })
  const by = egress('b/batch', 42, { gateway: 'pool', select: { role: 'web' }, address: '203.0.113.200' })
  const { commit, told } = started(put('gateway', pool), put('egress', by))
  await told('h1')
  commit(put('egress', { ...by, address: '203.0.113.201' }))
  t.deepEqual(await told('h1'), [])
  commit(put('egress', { ...by, address: '203.0.113.202' }))
  for (const host of ['h1', 'h2'])
    t.deepEqual(await told(host), flushes(host, beyond('240.0.0.42', '203.0.113.201', 12)))
  commit({ table: 'egress', id: by.id })
  const all = [
    { zone: 2, reply: { destination: '240.0.0.42' } },
    ...beyond('240.0.0.42', '203.0.113.202', 12),
  ]
  t.deepEqual(await told('h1'), flushes('h1', all))
})

test('connections by a route that leaves a gateway', async (t) => {
  const by = route('b/far', 43, '198.51.100.0/24', { gateways: ['out'] })
  const { commit, told } = started(put('route', by))
  commit({ table: 'route', id: by.id })
  const all = [{ zone: 2, reply: { destination: '240.0.0.43' } }, ...beyond('240.0.0.43', '203.0.113.70')]
  t.deepEqual(await told('h1'), flushes('h1', all))
})

test('connections of a workload that leaves by another gateway now', async (t) => {
  const second = gateway('second', 12, { hosts: ['h1'] })
  const by = egress('b/second', 42, { gateway: 'second', select: { exit: 'second' } })
  const { commit, told } = started(put('gateway', second), put('egress', by))
  await told('h1')
  const moved = { ...two, labels: { exit: 'second' } }
  const of = (destination: string) =>
    flushes('h1', [{ zone: 2, original: { source: '192.168.2.5' }, reply: { destination } }])
  commit(put('workload', moved))
  t.deepEqual(await told('h1'), of('240.0.0.2'), 'those by the egress of the tenant')
  commit(put('workload', two))
  t.deepEqual(await told('h1'), of('240.0.0.42'), 'those by its own')
  commit(put('floatingIp', address))
  t.deepEqual(await told('h1'), [], 'none at the same gateway')
})

test('of IPv6 connections with ports only: the switch would abort at others', async (t) => {
  const { commit, told } = started(put('service', web6))
  commit({ table: 'service', id: web6.id })
  t.deepEqual(
    (await told('h1')).map((line) => /"destination":"([^"]*)".*"protocol":(\d+)/.exec(line)?.slice(1)),
    [6, 17, 132].map((protocol) => ['2001:db8:2::80', String(protocol)]),
  )
})

test('a switch has time for everything else meanwhile', async (t) => {
  const many = Array.from({ length: 9 }, (_, n) => floatingIp(`b/f${n}`, 60 + n, 'b/two'))
  const { commit, told, waits } = started(...many.map((row) => put('floatingIp', row)))
  await told('h1')
  commit(...many.map(({ id }) => ({ table: 'floatingIp' as const, id })))
  const messages = await told('h1')
  t.is(messages.length, 9 * 4)
  t.deepEqual(
    messages.slice(0, 4),
    flushes('h1', [...within('192.168.2.5', '240.0.0.60'), ...beyond('240.0.0.60', '203.0.113.60')]),
  )
  // Each took a millisecond, all but the last with more to come.
  t.deepEqual(waits, Array(35).fill(9))
})

test('a switch that goes away meanwhile is told the rest when it is back', async (t) => {
  const { commit, told, leaveAfter } = started(put('floatingIp', address))
  commit({ table: 'floatingIp', id: address.id })
  leaveAfter(1)
  const [first, ...rest] = flushes('h1', [
    ...within('192.168.2.5', '240.0.0.40'),
    ...beyond('240.0.0.40', '203.0.113.40'),
  ])
  t.deepEqual(await told('h1'), [first])
  leaveAfter(Number.POSITIVE_INFINITY)
  t.deepEqual(await told('h1'), rest)
})
