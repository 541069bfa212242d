import test from 'ava'
import { othersOf, touchedBy } from '../../src/controller/link-needs.js'
import { addressesOutside, Cluster, severalHosts, twoTenants } from '../support/cluster.js'
import { gateway, host, network, port, put, tenant, workload } from '../support/rows.js'

/** Two tenants on h1 and h2, the gateway on h1; a third tenant on h3 and h4, with no way out. */
const rows = [
  ...twoTenants,
  put('host', host('h3', 3)),
  put('host', host('h4', 4)),
  put('tenant', tenant('c', 3)),
  put('network', network('c/one', 7)),
  put('network', network('c/two', 8)),
  put('workload', workload('c/x', 'c/one', 20)),
  put('workload', workload('c/y', 'c/two', 21)),
  put('port', port('h3', 'x', 'c/x', 1)),
  put('port', port('h4', 'y', 'c/y', 1)),
]

function links(cluster: Cluster): readonly string[] {
  const hosts = Array.from(cluster.model.rows('host'), ({ id }) => id)
  const found = new Map(hosts.map((id) => [id, new Set(othersOf(id, cluster.model))]))
  return hosts.flatMap((one) =>
    hosts.flatMap((two) =>
      one < two && found.get(one)?.has(two) && found.get(two)?.has(one) ? [`${one} ${two}`] : [],
    ),
  )
}

test('hosts of one tenant exchange packets, also by its router', (t) => {
  t.deepEqual(links(new Cluster().commit(...rows)), ['h1 h2', 'h3 h4'])
})

test('hosts of peers do', (t) => {
  const peering = (id: string, peer: string) => put('peering', { id: `${id}/${peer}`, tenant: id, peer })
  t.deepEqual(links(new Cluster().commit(...rows, peering('a', 'c'))), ['h1 h2', 'h3 h4'])
  t.deepEqual(links(new Cluster().commit(...rows, peering('a', 'c'), peering('c', 'a'))), [
    ...['h1 h2', 'h1 h3', 'h1 h4', 'h2 h3', 'h2 h4', 'h3 h4'],
  ])
})

test('hosts of gateways do with those that leave by them, and with those that watch them', (t) => {
  const cluster = new Cluster().commit(
    ...rows,
    ...addressesOutside,
    put('gateway', gateway('far', 10, { hosts: ['h4'] })),
  )
  t.deepEqual(links(cluster), ['h1 h2', 'h1 h4', 'h2 h4', 'h3 h4'])
  const watched = new Cluster().commit(
    ...rows,
    ...severalHosts,
    put('session', { id: 'h1>h3', host: 'h1', other: 'h3', isUp: false }),
  )
  t.deepEqual(links(watched), ['h1 h2', 'h1 h3', 'h3 h4'])
})

test('every change says whose tunnels it may touch', (t) => {
  t.deepEqual(touchedBy({ table: 'segment', id: 'a/lan@h2' }), ['h2'])
  t.deepEqual(touchedBy({ table: 'session', id: 'h1>h2' }), ['h1', 'h2'])
  t.is(touchedBy({ table: 'peering', id: 'a/c' }), undefined)
  t.deepEqual(touchedBy({ table: 'workload', id: 'a/one' }), [])
})
