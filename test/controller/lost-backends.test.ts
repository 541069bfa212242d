import test from 'ava'
import pino from 'pino'
import { LostBackends } from '../../src/controller/lost-backends.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { twoTenants } from '../support/cluster.js'
import { put, service, workload } from '../support/rows.js'

const web = service('b/web', 50, { addresses: ['192.168.2.80'] })
const two = workload('b/two', 'b/lan', 5, { addresses: ['192.168.2.5'], labels: { role: 'web' } })

function started() {
  const model = new Model()
  const said: string[] = []
  const connection = (host: string) => ({
    apply: async (messages: readonly object[]) => {
      for (const message of messages) said.push(`${host} ${JSON.stringify(message)}`)
    },
  })
  const switches = { get: (host: string) => ({ connection: connection(host) }) }
  const lost = new LostBackends(model, switches, pino({ enabled: false }))
  const commit = (...changes: readonly Change[]) => lost.follow(model.commit(changes).changes)
  commit(...twoTenants, put('service', web), put('workload', two))
  return { lost, said, commit }
}

const message = (address: string) =>
  JSON.stringify({
    type: 'ctFlush',
    zone: 2,
    original: { destination: '192.168.2.80' },
    reply: { source: address },
  })

test('connections to a backend that is gone are forgotten where the flows are, and once more', (t) => {
  const { lost, said, commit } = started()
  lost.settled('h1', 0)
  t.deepEqual(said, [])
  commit(put('workload', { ...two, labels: {} }))
  t.deepEqual(said, [], 'not before the switch has the flows')
  lost.settled('h1', 1000)
  t.deepEqual(said, [`h1 ${message('192.168.2.5')}`])
  lost.settled('h2', 1500)
  lost.tick(2999)
  t.is(said.length, 2)
  lost.tick(3000)
  t.deepEqual(said.slice(2), [`h1 ${message('192.168.2.5')}`])
  lost.tick(10_000)
  lost.tick(20_000)
  t.is(said.length, 4)
})

test('an address that changes is one that is gone; one that stays is not', (t) => {
  const { lost, said, commit } = started()
  commit(put('workload', { ...two, addresses: ['192.168.2.7'] }))
  lost.settled('h1', 0)
  t.deepEqual(said, [`h1 ${message('192.168.2.5')}`])
  commit(put('service', { ...web, ports: [{ protocol: 'tcp' }] }), { table: 'port', id: 'h2/b2' })
  lost.settled('h1', 10)
  t.is(said.length, 1)
  commit({ table: 'service', id: 'b/web' })
  lost.settled('h1', 20)
  t.is(said.at(-1), `h1 ${message('192.168.2.7')}`)
})
