import test from 'ava'
import { pino } from 'pino'
import serviceGuard from '../../../flows/15-service-guard.js'
import serviceBackend from '../../../flows/17-service-backend.js'
import { RowCounts } from '../../../src/controller/counters/row-counts.js'
import { ServiceViews } from '../../../src/controller/views/service-views.js'
import { ConnectionClosed } from '../../../src/openflow/index.js'
import { Cluster, twoTenants } from '../../support/cluster.js'
import { put, service } from '../../support/rows.js'

/** Two hosts that ask one service, each of whose flows has counted three packets of 100 bytes. */
function setUp() {
  const cluster = new Cluster().commit(...twoTenants, put('service', service('b/web', 50)))
  const asked: string[] = []
  const failures = new Map<string, Error>()
  const lines: { readonly msg: string }[] = []
  const log = pino({}, { write: (line) => lines.push(JSON.parse(line)) })
  const readCounts =
    (host: string) => async (table: number, each: (key: string, packets: bigint, bytes: bigint) => void) => {
      asked.push(`${host} ${table}`)
      const failure = failures.get(host)
      if (failure) throw failure
      for (const [key] of cluster.flows(host)) if (key.charCodeAt(0) === table) each(key, 3n, 300n)
    }
  const bridges = { get: (host: string) => ({ host, device: { readCounts: readCounts(host) } }) }
  return { cluster, bridges, log, asked, failures, lines }
}

test('what flows of a row have counted on all hosts adds up', async (t) => {
  const { cluster, bridges, log, asked } = setUp()
  const counts = new RowCounts({ table: serviceGuard, from: 'service' }, cluster.engine, bridges, log)
  // A flow for each of its two addresses on both hosts.
  t.deepEqual([...(await counts.read())], [['b/web', { packets: '12', bytes: '1200' }]])
  t.deepEqual(asked, [`h1 ${serviceGuard.number}`, `h2 ${serviceGuard.number}`])
  cluster.commit({ table: 'service', id: 'b/web' })
  t.deepEqual([...(await counts.read())], [])
})

test('those who ask at the same time share an answer, those who ask later get a new one', async (t) => {
  const { cluster, bridges, log, asked } = setUp()
  const views = new ServiceViews(cluster.engine, bridges, log)
  const [one, other] = await Promise.all([views.counts(), views.counts()])
  t.deepEqual(one, other)
  t.deepEqual(one.get('b/web')?.backends, [
    { workload: 'b/two', host: 'h2', addresses: ['192.168.2.5', '2001:db8:2::5'], connections: '12' },
  ])
  const tables = [serviceGuard, serviceBackend].flatMap(({ number }) => [`h1 ${number}`, `h2 ${number}`])
  t.deepEqual(asked.splice(0), tables)
  await views.counts()
  t.deepEqual(asked, tables)
})

test('a switch that cannot be read is told of and left out, unless it has gone', async (t) => {
  const { cluster, bridges, log, failures, lines } = setUp()
  const counts = new RowCounts({ table: serviceGuard, from: 'service' }, cluster.engine, bridges, log)
  failures.set('h1', new ConnectionClosed('peer'))
  t.is((await counts.read()).get('b/web')?.packets, '6')
  t.deepEqual(lines, [])
  failures.set('h1', new Error('nonsense'))
  t.is((await counts.read()).get('b/web')?.packets, '6')
  t.like(lines, [{ msg: 'counters of table service-guard could not be read', host: 'h1' }])
})
