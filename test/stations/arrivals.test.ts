import test from 'ava'
import { tagged } from '../../src/frames/headers.js'
import { announcement } from '../../src/frames/neighbours.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { Arrivals } from '../../src/stations/arrivals.js'
import { twoTenants, vlans } from '../support/cluster.js'
import { port, put } from '../support/rows.js'

const wireMac = (host: string) => `06:73:00:00:00:0${host.slice(1)}`

function setUp() {
  const model = new Model()
  model.commit([...twoTenants, ...vlans])
  const sent: string[] = []
  const arrivals = new Arrivals({
    model,
    wireMac,
    send: (host, on, frame) => sent.push(`${host} ${on} ${frame.toString('hex')}`) > 0,
  })
  const commit = (...changes: readonly Change[]) => arrivals.follow(model.commit(changes).changes)
  return { sent, arrivals, commit }
}

const says = (host: string, on: number, address: string, mac: string) =>
  `${host} ${on} ${tagged(announcement({ address, mac }), 5).toString('hex')}`

test('a workload that has moved is announced on the VLAN by its new host, once that is ready', (t) => {
  const { sent, arrivals, commit } = setUp()
  commit({ table: 'port', id: 'h1/vone' }, put('port', port('h2', 'x', 'v/one', 77)))
  arrivals.settled('h1')
  t.deepEqual(sent, [])
  arrivals.settled('h2')
  arrivals.settled('h2')
  const mac = '0a:00:00:00:00:29'
  t.deepEqual(sent.slice(0, 2), [
    says('h2', 301, '192.168.15.41', mac),
    says('h2', 301, '2001:db8:15::41', mac),
  ])
  // The first host has no workload of the tenant any more: its router is there no longer.
  t.true(sent.includes(says('h2', 301, '192.168.15.1', wireMac('h2'))))
  t.is(new Set(sent).size, sent.length)
})

test('at a host without the bridge, the host by which it reaches the VLAN says so', (t) => {
  const { sent, arrivals, commit } = setUp()
  commit({ table: 'port', id: 'h2/vtwo' }, put('port', port('h3', 'x', 'v/two', 77)))
  arrivals.settled('h3')
  arrivals.settled('h1')
  t.is(sent[0], says('h1', 300, '192.168.15.42', '0a:00:00:00:00:2a'))
})

test('the router is announced by the host that comes to speak for it', (t) => {
  const { sent, arrivals, commit } = setUp()
  commit(put('bridge', { id: 'h1', tunnelPort: 100, uplinks: { out: 200 } }))
  arrivals.settled('h2')
  t.true(sent.includes(says('h2', 301, '192.168.15.1', wireMac('h2'))))
})

test('where there is no VLAN nothing is said', (t) => {
  const { sent, arrivals, commit } = setUp()
  commit({ table: 'port', id: 'h2/vin' }, put('port', port('h1', 'x', 'v/in', 77)))
  for (const host of ['h1', 'h2', 'h3']) arrivals.settled(host)
  t.deepEqual(sent, [])
})
