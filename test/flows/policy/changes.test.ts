import test from 'ava'
import fc from 'fast-check'
import { decodeFlow } from '../../../src/controller/views/flow-views.js'
import { removal } from '../../../src/model/removal.js'
import type { Change, TableName } from '../../../src/model/rows.js'
import { addressesOutside, Cluster, twoTenants } from '../../support/cluster.js'
import { contradictions, overlap } from '../../support/overlap.js'
import { somePolicies } from '../../support/policies.js'
import { network, put } from '../../support/rows.js'
import { anyChange } from './changes.js'

const hosts = ['h1', 'h2']
/** The network of the first tenant is on a VLAN, which one of the hosts can reach. */
const ground = [
  ...twoTenants,
  ...addressesOutside,
  put('bridge', {
    ...{ id: 'h1', tunnelPort: 100, uplinks: { out: 200, far: 201 } },
    wires: { 'br-phys': 300 },
  }),
  put('network', network('a/lan', 1, { vlan: { bridge: 'br-phys', tag: 20 } })),
]
const inputs: readonly TableName[] = [
  ...(['cluster', 'host', 'tenant', 'network', 'workload', 'gateway', 'egress', 'peering'] as const),
  ...(['policy', 'addressGroup', 'port', 'bridge', 'neighbour', 'station'] as const),
  ...(['route', 'floatingIp', 'portForward', 'bandwidth', 'mirror', 'service'] as const),
]

const flowsOf = (cluster: Cluster, host: string) =>
  cluster.flows(host).map(([key, content]) => decodeFlow(key, content))

function fromScratch(cluster: Cluster): Cluster {
  const changes = inputs.flatMap((table) =>
    Array.from(cluster.model.rows<TableName>(table), (row) => ({ table, id: row.id, row }) as Change),
  )
  return new Cluster().commit(...changes)
}

test('two matches overlap unless some field keeps them apart', (t) => {
  const masked = (value: number, mask: number) => ({ reg0: { value, mask } })
  t.true(overlap({ reg0: 1 }, { reg1: 2 }))
  t.false(overlap({ reg0: 1 }, { reg0: 2 }))
  t.true(overlap({ reg0: 5 }, masked(4, 4)))
  t.false(overlap({ reg0: 5 }, masked(2, 2)))
  t.true(overlap({ ipv4Src: '10.0.0.0/8' }, { ipv4Src: '10.1.2.3' }))
  t.false(overlap({ ipv4Src: '10.0.0.0/8' }, { ipv4Src: '11.0.0.0/8' }))
  t.true(overlap({ ipv6Src: '2001:db8::/32' }, { ipv6Src: '2001:db8:1::1' }))
})

test('flows of one priority that could meet do the same; incremental equals from scratch', (t) => {
  let seen = 0
  fc.assert(
    fc.property(
      fc.array(fc.array(anyChange, { minLength: 1, maxLength: 4 }), { maxLength: 25 }),
      (history) => {
        const cluster = new Cluster().commit(...ground)
        for (const changes of history) cluster.commit(...changes)
        const fresh = fromScratch(cluster)
        for (const host of hosts) {
          const flows = flowsOf(cluster, host)
          seen += flows.length
          t.deepEqual([...contradictions(flows)], [], host)
          t.deepEqual([...(cluster.engine.desired(host)?.conflicts() ?? [])], [])
          t.deepEqual(cluster.flows(host), fresh.flows(host), host)
        }
      },
    ),
    { numRuns: 150 },
  )
  t.true(seen > 10_000)
})

test('once policies and groups are gone, the flows are those of a cluster that never had any', (t) => {
  const cluster = new Cluster().commit(...twoTenants, ...somePolicies)
  const never = new Cluster().commit(...twoTenants)
  t.notDeepEqual(cluster.flows('h1'), never.flows('h1'))
  cluster.commit(...somePolicies.map(removal))
  for (const host of hosts) t.deepEqual(cluster.flows(host), never.flows(host))
})
