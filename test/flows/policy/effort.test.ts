import test from 'ava'
import type { Change } from '../../../src/model/rows.js'
import { Unit } from '../../../src/pipeline/unit.js'
import { Cluster } from '../../support/cluster.js'
import { addressGroup, policy, rules } from '../../support/policies.js'
import { host, network, port, put, tenant, workload } from '../../support/rows.js'

const count = 200

/** One tenant with many workloads of five roles on one host, and a first policy. */
function crowd(): Cluster {
  const rows = Array.from({ length: count }, (_, n): Change[] => {
    const labels = { role: `r${n % 5}` }
    const id = `a/w${n}`
    return [
      put('workload', workload(id, 'a/lan', n + 1, { labels, addresses: [`192.168.1.${n + 2}`] })),
      put('port', port('h1', `w${n}`, id, n + 1)),
    ]
  })
  return new Cluster().commit(
    put('cluster', { id: 'cluster', name: 'test', encapsulation: 'geneve' }),
    put('host', host('h1', 1)),
    put('tenant', tenant('a', 1)),
    put('network', network('a/lan', 1)),
    ...rows.flat(),
    put(
      'policy',
      policy('a/first', 1, { ingress: rules(0, { peers: [{ kind: 'workloads', select: {} }] }) }),
    ),
  )
}

/** Units that run again or for the first time, and flows that the host gets or loses. */
function effort(cluster: Cluster, ...changes: readonly Change[]) {
  const before = new Set(cluster.flows('h1').map(([key, content]) => key + content))
  const commit = cluster.model.commit(changes)
  const units = [...commit.readers].filter((reader) => reader instanceof Unit).length
  cluster.engine.apply(commit)
  cluster.engine.run()
  const after = new Set(cluster.flows('h1').map(([key, content]) => key + content))
  const added = [...after].filter((flow) => !before.has(flow)).length
  return { units, added, removed: [...before].filter((flow) => !after.has(flow)).length }
}

test('a rule that concerns every workload is a handful of flows and wakes no unit of a workload', (t) => {
  const cluster = crowd()
  const asksFor = (port: number, number: number) => {
    const ports = [{ protocol: 'tcp' as const, range: [port, port] as const }]
    return put('policy', policy(`a/to-${port}`, number, { ingress: rules(1, { ports }) }))
  }
  const first = effort(cluster, asksFor(80, 2))
  const { units, added, removed } = effort(cluster, asksFor(81, 3))
  t.true(units < 5, `${units}`)
  t.true(added <= 20 && added > 3, `${added}`)
  t.is(removed, 0)
  t.is(first.added - added, 9, 'what turns fragments around, once')
})

test('a label that changes moves the lookups of its workload only', (t) => {
  const cluster = crowd()
  const labels = { role: 'r4' }
  const { units, added, removed } = effort(
    cluster,
    put('workload', workload('a/w0', 'a/lan', 1, { labels, addresses: ['192.168.1.2'] })),
  )
  t.true(units < 15, `${units}`)
  t.deepEqual([added, removed], [3, 3])
})

test('an address more of a group that many policies use is one flow', (t) => {
  const cluster = crowd()
  const addresses = Array.from({ length: 500 }, (_, n) => `10.0.${n >> 8}.${n & 255}/32`)
  const peers = [{ kind: 'group' as const, group: 'a/office' }]
  cluster.commit(
    put('addressGroup', addressGroup('a/office', addresses)),
    ...Array.from({ length: 20 }, (_, n) =>
      put('policy', policy(`a/p${n}`, 10 + n, { ingress: rules(10 + n, { peers }) })),
    ),
  )
  const { units, added, removed } = effort(
    cluster,
    put('addressGroup', addressGroup('a/office', [...addresses, '10.9.9.9/32'])),
  )
  t.deepEqual([added, removed], [1, 0])
  t.true(units <= 20, `${units}`)
})
