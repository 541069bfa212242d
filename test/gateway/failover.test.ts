import test from 'ava'
import pino from 'pino'
import { hostsOf, isEchoed } from '../../flows/gateways.js'
import { Failover } from '../../src/gateway/failover.js'
import { Model } from '../../src/model/model.js'
import { gateway, host, put } from '../support/rows.js'

const hosts = ['h1', 'h2', 'h3']

/** A gateway on the first two of three hosts that all watch each other. */
function setUp(preempt = false) {
  const model = new Model()
  const own = gateway('out', 9, { hosts: ['h1', 'h2'], preempt })
  model.commit([put('gateway', own), ...hosts.map((id, index) => put('host', host(id, index + 1)))])
  const settled = new Set(hosts)
  const silent = new Set<string>()
  const announced: string[] = []
  const failover = new Failover({
    model,
    hostsOf: (row) => hostsOf(row, model),
    isEchoed: (row) => isEchoed(row, model),
    isConnected: () => true,
    isReachable: (id) => settled.has(id),
    isSettled: (id) => settled.has(id),
    isSilent: (_, id) => silent.has(id),
    announce: (_, id) => announced.push(id),
    onChanges: (changes) => model.commit(changes),
    log: pino({ level: 'silent' }),
  })
  /** Says what hosts see of each other: a dead one is seen by nobody, and goes on saying what it said last. */
  const alive = (...ids: readonly string[]) => {
    for (const by of ids)
      for (const other of hosts)
        if (by !== other) {
          const isUp = ids.includes(other)
          model.commit([put('session', { id: `${by}>${other}`, host: by, other, isUp })])
        }
  }
  const carrier = (id: string, isUp: boolean) =>
    model.commit([
      put('carrier', {
        ...{ id: `out@${id}`, gateway: 'out', host: id, isUp },
        ...{ devices: ['eth1'], passesLldp: false },
      }),
    ])
  /** Says which of the gateway's hosts carry it. */
  const holds = (...ids: readonly string[]) => {
    for (const id of own.hosts)
      model.commit([put('holding', { id: `out@${id}`, gateway: 'out', host: id, isUp: ids.includes(id) })])
  }
  const order = () => model.get('succession', 'out')
  return { model, own, failover, alive, holds, carrier, silent, settled, announced, order }
}

test('while the first host lives nothing is said', (t) => {
  const { failover, own, alive, order, announced } = setUp()
  alive('h1', 'h2', 'h3')
  failover.check(0)
  t.is(failover.activeHost(own), 'h1')
  t.deepEqual(failover.states(own), { h1: 'active', h2: 'standby' })
  t.is(order(), undefined)
  t.deepEqual(announced, [])
})

test('a host that dies is followed by the next, which is announced, put first, and stays', (t) => {
  const { failover, own, alive, order, announced, settled } = setUp()
  alive('h1', 'h2', 'h3')
  failover.check(0)
  settled.delete('h1')
  alive('h2', 'h3')
  failover.check(1)
  t.like(order(), { id: 'out', hosts: ['h2', 'h1'], suspended: ['h1'] })
  t.deepEqual(announced, ['h2'])
  t.is(failover.takeovers(own), 1)
  t.deepEqual(failover.states(own), { h1: 'down', h2: 'active' })
  settled.add('h1')
  failover.check(2)
  t.deepEqual(order()?.suspended, [])
  alive('h1', 'h2', 'h3')
  failover.check(3)
  t.deepEqual(failover.states(own), { h1: 'standby', h2: 'active' })
  t.deepEqual(order()?.hosts, ['h2', 'h1'])
})

test('once the first host is seen to carry the gateway, it is held', (t) => {
  const { failover, own, alive, holds, order } = setUp()
  alive('h1', 'h2', 'h3')
  holds()
  failover.check(0)
  t.is(order(), undefined)
  holds('h1')
  failover.check(1)
  t.like(order(), { hosts: ['h1', 'h2'], isHeld: true, isEchoed: true })
  t.is(failover.activeHost(own), 'h1')
})

test('a next hop that sends nothing back is found out while the first host lives', (t) => {
  const { failover, alive, holds, order } = setUp()
  alive('h1', 'h2', 'h3')
  holds()
  failover.check(0)
  failover.check(7999)
  t.is(order(), undefined)
  failover.check(8000)
  t.like(order(), { isHeld: false, isEchoed: false })
  holds('h1')
  failover.check(8001)
  t.like(order(), { isHeld: true, isEchoed: false })
})

test('of a gateway that is held, the host that carries it is put first, whatever the order was', (t) => {
  const { failover, own, alive, holds, order, announced } = setUp()
  alive('h1', 'h2', 'h3')
  holds('h1')
  failover.check(0)
  holds('h2')
  failover.check(1)
  t.is(failover.activeHost(own), 'h2')
  t.deepEqual(failover.states(own), { h1: 'standby', h2: 'active' })
  t.like(order(), { hosts: ['h2', 'h1'], isHeld: false, isEchoed: true })
  t.deepEqual(announced, ['h2'])
  failover.check(2)
  t.like(order(), { hosts: ['h2', 'h1'], isHeld: true })
})

test('a host that lives and does not say any more that it carries the gateway is followed by the next', (t) => {
  const { failover, own, alive, holds, order } = setUp()
  alive('h1', 'h2', 'h3')
  holds('h1')
  failover.check(0)
  holds()
  failover.check(1)
  t.is(failover.activeHost(own), 'h2')
  t.deepEqual(order()?.hosts, ['h2', 'h1'])
})

test('a controller that has just been started concludes nothing from what it has not been told', (t) => {
  const { model, failover, own, alive, order } = setUp()
  model.commit([put('succession', { id: 'out', hosts: ['h1', 'h2'], suspended: [], isHeld: true })])
  failover.check(0)
  alive('h1', 'h2', 'h3')
  model.commit([put('holding', { id: 'out@h1', gateway: 'out', host: 'h1', isUp: false })])
  failover.check(1)
  t.is(failover.activeHost(own), 'h1')
  t.deepEqual(order()?.hosts, ['h1', 'h2'])
  model.commit([put('holding', { id: 'out@h2', gateway: 'out', host: 'h2', isUp: true })])
  failover.check(2)
  t.is(failover.activeHost(own), 'h2')
})

test('what is held is not, once the file says that the first host preempts', (t) => {
  const { model, failover, own, alive, holds, order } = setUp()
  alive('h1', 'h2', 'h3')
  holds('h1')
  failover.check(0)
  t.true(order()?.isHeld)
  model.commit([put('gateway', { ...own, preempt: true })])
  failover.check(1)
  t.false(order()?.isHeld)
})

test('a host that preempts is put first again once it is seen', (t) => {
  const { failover, own, alive, order, announced } = setUp(true)
  alive('h1', 'h2', 'h3')
  failover.check(0)
  alive('h2', 'h3')
  failover.check(1)
  failover.check(2)
  alive('h1', 'h2', 'h3')
  failover.check(3)
  t.like(order(), { id: 'out', hosts: ['h1', 'h2'], suspended: [] })
  failover.check(4)
  t.deepEqual(announced, ['h2', 'h1'])
  t.is(failover.activeHost(own), 'h1')
})

test('at the start, a first host that is not seen yet keeps its place for a while', (t) => {
  const { failover, alive, order } = setUp()
  alive('h2', 'h3')
  failover.check(0)
  t.is(order(), undefined)
  failover.check(4999)
  t.is(order(), undefined)
  failover.check(5000)
  t.deepEqual(order()?.hosts, ['h2', 'h1'])
})

for (const how of ['carrier', 'next hop'] as const)
  test(`a host without ${how} is gone past, and not gone back to`, (t) => {
    const { failover, own, alive, carrier, silent, order } = setUp()
    const cut = (isCut: boolean) => {
      if (how === 'carrier') carrier('h1', !isCut)
      else if (isCut) silent.add('h1')
      else silent.delete('h1')
    }
    alive('h1', 'h2', 'h3')
    failover.check(0)
    cut(true)
    failover.check(1)
    t.like(order(), { id: 'out', hosts: ['h2', 'h1'], suspended: [] })
    t.deepEqual(failover.states(own), { h1: 'no uplink', h2: 'active' })
    cut(false)
    failover.check(2)
    t.deepEqual(order()?.hosts, ['h2', 'h1'])
    t.deepEqual(failover.states(own), { h1: 'standby', h2: 'active' })
  })

test('where no host has an uplink the one that carries the gateway keeps it', (t) => {
  const { failover, alive, carrier, order } = setUp()
  alive('h1', 'h2', 'h3')
  failover.check(0)
  carrier('h1', false)
  carrier('h2', false)
  failover.check(1)
  t.is(order(), undefined)
})

test('what was said of a gateway that is gone goes with it', (t) => {
  const { model, failover, alive, order } = setUp()
  alive('h1', 'h2', 'h3')
  failover.check(0)
  alive('h2', 'h3')
  failover.check(1)
  t.truthy(order())
  model.commit([{ table: 'gateway', id: 'out' }])
  failover.check(2)
  t.is(order(), undefined)
})

test('of two hosts one that still answers lives, though the other hears nothing else of it', (t) => {
  const { model, failover, own, alive, holds, order, settled } = setUp()
  alive('h1', 'h2')
  model.commit([
    ...['h1>h3', 'h2>h3'].map((id) => ({ table: 'session', id }) as const),
    { table: 'host', id: 'h3' },
  ])
  holds('h1')
  failover.check(0)
  t.true(order()?.isHeld)
  const session = (host: string, other: string, isAnswered: boolean) =>
    put('session', { id: `${host}>${other}`, host, other, isUp: false, isAnswered })
  settled.delete('h1')
  model.commit([session('h2', 'h1', true), session('h1', 'h2', false)])
  failover.check(10_000)
  t.deepEqual(failover.states(own), { h1: 'active', h2: 'down' })
  t.deepEqual(order()?.hosts, ['h1', 'h2'])
  model.commit([session('h2', 'h1', false)])
  holds('h2')
  failover.check(20_000)
  t.deepEqual(failover.states(own), { h1: 'down', h2: 'active' })
  t.is(failover.takeovers(own), 1)
  t.deepEqual(order()?.hosts, ['h2', 'h1'])
})
