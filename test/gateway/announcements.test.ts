import test from 'ava'
import { announcement } from '../../src/frames/neighbours.js'
import { Announcements } from '../../src/gateway/announcements.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { floatingIp, gateway, host, put, tenant, workload } from '../support/rows.js'

function setUp() {
  const model = new Model()
  const sent: string[] = []
  let active = 'h1'
  const announcements = new Announcements({
    model,
    activeHost: () => active,
    send: (on, port, frame) => {
      sent.push(`${on} ${port} ${frame.toString('hex')}`)
      return true
    },
  })
  const commit = (...changes: Change[]) => announcements.follow(model.commit(changes).changes)
  commit(
    put('host', host('h1', 1)),
    put('host', host('h2', 2)),
    put('gateway', gateway('out', 9, { hosts: ['h1', 'h2'] })),
    put('bridge', { id: 'h1', uplinks: { out: 5 } }),
    put('bridge', { id: 'h2', uplinks: { out: 6 } }),
    put('tenant', tenant('a', 1)),
    put('workload', workload('a/one', 'a/lan', 2)),
  )
  announcements.settled('h1', 0)
  announcements.repeat(10_000)
  const own = sent.splice(0)
  const move = (to: string) => {
    active = to
  }
  return { announcements, commit, sent, own, move }
}

const mac = '0a:ff:00:00:00:01'
const frameOf = (on: string, port: number, address: string) =>
  `${on} ${port} ${announcement({ address, mac }).toString('hex')}`

test("a gateway's own address is announced twice", (t) => {
  const { own } = setUp()
  t.deepEqual(own, [frameOf('h1', 5, '203.0.113.70'), frameOf('h1', 5, '203.0.113.70')])
})

test('a new address is announced once its flows are there, by itself, and again two seconds later', (t) => {
  const { announcements, commit, sent } = setUp()
  commit(put('floatingIp', floatingIp('a/one', 12, 'a/one')))
  announcements.repeat(20_000)
  announcements.settled('h2', 20_000)
  t.deepEqual(sent, [])
  announcements.settled('h1', 20_000)
  t.deepEqual(sent, [frameOf('h1', 5, '203.0.113.12')])
  announcements.repeat(21_900)
  t.is(sent.length, 1)
  announcements.repeat(22_000)
  announcements.repeat(30_000)
  t.deepEqual(sent, [frameOf('h1', 5, '203.0.113.12'), frameOf('h1', 5, '203.0.113.12')])
})

test('all addresses of a gateway that moves are announced where it is now', (t) => {
  const { announcements, commit, sent, move } = setUp()
  commit(put('floatingIp', floatingIp('a/one', 12, 'a/one', { address: '2001:db8:f::12' })))
  move('h2')
  announcements.moved('out')
  announcements.settled('h2', 0)
  t.deepEqual(sent.sort(), [frameOf('h2', 6, '203.0.113.70'), frameOf('h2', 6, '2001:db8:f::12')].sort())
})

test('an address that goes is not announced any more', (t) => {
  const { announcements, commit, sent } = setUp()
  commit(put('floatingIp', floatingIp('a/one', 12, 'a/one')))
  commit({ table: 'floatingIp', id: 'a/one' })
  announcements.settled('h1', 0)
  t.deepEqual(sent, [])
})

test('announcements are what the standards say', (t) => {
  t.is(
    announcement({ address: '203.0.113.12', mac }).toString('hex'),
    'ffffffffffff0aff000000010806000108000604' + '00010aff00000001cb00710c000000000000cb00710c',
  )
  const six = announcement({ address: '2001:db8:f::12', mac }).toString('hex')
  t.true(six.startsWith('3333000000010aff0000000186dd'))
  t.true(six.endsWith('20000000' + '20010db8000f00000000000000000012' + '02010aff00000001'))
})

test('the address of a host is not announced, which the host does itself; a pool beside it is', (t) => {
  const { announcements, commit, sent, move } = setUp()
  const own = { address: 'host', hostAddresses: { h1: '203.0.113.60', h2: '203.0.113.61' } }
  commit(put('gateway', gateway('out', 9, { hosts: ['h1', 'h2'], ...own, pool: ['203.0.113.99'] })))
  move('h2')
  announcements.moved('out')
  announcements.settled('h2', 0)
  t.deepEqual(sent, [frameOf('h2', 6, '203.0.113.99')])
})
