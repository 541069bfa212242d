import test from 'ava'
import pino from 'pino'
import { hostsOf } from '../../flows/gateways.js'
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
  const order = () => model.get('succession', 'out')
  return { model, own, failover, alive, carrier, silent, settled, announced, order }
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
  t.deepEqual(order(), { id: 'out', hosts: ['h2', 'h1'], suspended: ['h1'] })
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

test('a host that preempts is put first again once it is seen', (t) => {
  const { failover, own, alive, order, announced } = setUp(true)
  alive('h1', 'h2', 'h3')
  failover.check(0)
  alive('h2', 'h3')
  failover.check(1)
  failover.check(2)
  alive('h1', 'h2', 'h3')
  failover.check(3)
  t.deepEqual(order(), { id: 'out', hosts: ['h1', 'h2'], suspended: [] })
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
    t.deepEqual(order(), { id: 'out', hosts: ['h2', 'h1'], suspended: [] })
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
