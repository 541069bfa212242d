import test from 'ava'
import fc from 'fast-check'
import { removal } from '../../src/model/removal.js'
import type { Change, TableName, WorkloadRow } from '../../src/model/rows.js'
import { addressesOutside, Cluster, twoTenants } from '../support/cluster.js'
import {
  bandwidth,
  egress,
  floatingIp,
  gateway,
  host,
  mirror,
  network,
  port,
  portForward,
  put,
  tenant,
  workload,
} from '../support/rows.js'

const tables: readonly TableName[] = [
  'cluster',
  'host',
  'bridge',
  'gateway',
  'neighbour',
  'station',
  'tenant',
  'network',
  'workload',
  'egress',
  'floatingIp',
  'portForward',
  'peering',
  'bandwidth',
  'mirror',
  'port',
]
const hosts = ['h1', 'h2', 'h3']

/** The same rows, put into an empty cluster at once and in the opposite order. */
function fromScratch(cluster: Cluster): Cluster {
  const changes = tables.flatMap((table) => Array.from(cluster.model.rows(table), (row) => put(table, row)))
  return new Cluster().commit(...changes.reverse())
}

const n = (max: number) => fc.integer({ min: 1, max })
const tenantId = fc.constantFrom('a', 'b', 'c')
const networkId = fc.tuple(tenantId, fc.constantFrom('lan', 'dmz')).map(([of, name]) => `${of}/${name}`)
const workloadId = fc
  .tuple(tenantId, fc.constantFrom('one', 'two', 'far'))
  .map(([of, name]) => `${of}/${name}`)
const hostId = fc.constantFrom(...hosts)
const remove = (table: TableName, id: fc.Arbitrary<string>) => id.map((row) => removal({ table, id: row }))

const furtherIps = ['192.168.1.3', '192.168.1.100', '2001:db8:1::5'] as const
const furtherMacs = ['0a:00:00:00:00:02', '0a:0b:00:00:00:01', '0a:0b:00:00:00:02'] as const

/** What a workload may use beside its own, and whose sub-port it is. */
const behindPort: fc.Arbitrary<Partial<WorkloadRow>> = fc.record(
  {
    allowed: fc.array(
      fc.record({
        ip: fc.constantFrom(...furtherIps, '192.168.1.128/26', '192.168.1.0/24'),
        mac: fc.constantFrom(...furtherMacs),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    trunk: fc.record({ parent: workloadId, tag: n(3) }),
  },
  { requiredKeys: [] },
)

/** Any change of any row, sensible or not: the engine must not care about the order in which things come and go. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(hostId, n(9)).map(([id, at]) => put('host', host(id, at))),
  remove('host', hostId),
  fc.tuple(hostId, n(300), fc.option(n(300)), fc.boolean()).map(([id, tunnelPort, up, wired]) =>
    put('bridge', {
      ...{ id, tunnelPort, uplinks: up === null ? {} : { out: up } },
      ...(wired && { wires: { 'br-phys': 400 } }),
    }),
  ),
  remove('bridge', hostId),
  fc.tuple(fc.subarray(hosts), fc.boolean(), fc.boolean()).map(([members, six, pool]) =>
    put(
      'gateway',
      gateway('out', 9, {
        hosts: members,
        ...(six ? { subnet6: '2001:db8:f::/64', address6: '2001:db8:f::70', nextHop6: '2001:db8:f::1' } : {}),
        ...(pool ? { pool: ['203.0.113.101'] } : {}),
      }),
    ),
  ),
  remove('gateway', fc.constant('out')),
  n(9).map((end) =>
    put('neighbour', {
      id: 'out/203.0.113.1',
      gateway: 'out',
      address: '203.0.113.1',
      mac: `0a:ee:00:00:00:0${end}`,
    }),
  ),
  fc.tuple(tenantId, n(9)).map(([id, number]) => put('tenant', tenant(id, number))),
  remove('tenant', tenantId),
  fc.tuple(networkId, n(9), fc.boolean(), fc.boolean(), fc.boolean()).map(([id, vni, routed, six, vlan]) =>
    put(
      'network',
      network(id, vni, {
        routed,
        ...(vlan && { vlan: { bridge: 'br-phys', tag: vni } }),
        ...(six ? { subnet6: `2001:db8:${vni}::/64`, gateway6: `2001:db8:${vni}::1` } : {}),
      }),
    ),
  ),
  remove('network', networkId),
  fc
    .tuple(workloadId, fc.constantFrom('lan', 'dmz'), n(9), fc.boolean(), fc.boolean(), behindPort)
    .map(([id, name, key, six, web, behind]) =>
      put(
        'workload',
        workload(id, `${id.split('/')[0]}/${name}`, key, {
          ...(six ? { addresses: [`192.168.1.${key}`, `2001:db8:1::${key}`] } : {}),
          ...(web ? { labels: { role: 'web' } } : {}),
          ...behind,
        }),
      ),
    ),
  fc
    .tuple(networkId, fc.constantFrom(...furtherIps), fc.constantFrom(...furtherMacs))
    .map(([of, address, mac]) => put('station', { id: `${of}/${address}`, network: of, address, mac })),
  remove(
    'station',
    fc.tuple(networkId, fc.constantFrom(...furtherIps)).map(([of, address]) => `${of}/${address}`),
  ),
  fc
    .record({
      id: tenantId.map((of) => `${of}/limit`),
      number: n(9),
      direction: fc.constantFrom('out' as const, 'in' as const),
      scope: fc.constantFrom('tenant' as const, 'workload' as const),
      select: fc.constantFrom({}, { class: 'gold' }),
      dscp: n(63),
    })
    .map(({ id, number, ...fields }) => put('bandwidth', bandwidth(id, number, fields))),
  remove(
    'bandwidth',
    tenantId.map((of) => `${of}/limit`),
  ),
  remove('workload', workloadId),
  fc
    .record({
      id: tenantId.chain((of) => fc.constantFrom(`${of}/m1`, `${of}/m2`)),
      vni: fc.integer({ min: 50, max: 53 }),
      to: workloadId,
      direction: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
      select: fc.constantFrom({}, { role: 'web' }),
    })
    .map(({ id, vni, ...fields }) => put('mirror', mirror(id, vni, fields))),
  remove(
    'mirror',
    tenantId.chain((of) => fc.constantFrom(`${of}/m1`, `${of}/m2`)),
  ),
  fc
    .tuple(tenantId, n(9), fc.constantFrom(undefined, {}, { role: 'web' }), fc.boolean())
    .map(([id, number, select, own]) =>
      put(
        'egress',
        egress(`${id}/internet`, number, {
          ...(select ? { select } : {}),
          ...(own ? { address: `203.0.113.${100 + number}` } : {}),
        }),
      ),
    ),
  fc
    .tuple(workloadId, n(9), n(3), fc.boolean())
    .map(([of, number, name, six]) =>
      put(
        'floatingIp',
        floatingIp(
          `${of.split('/')[0]}/f${name}`,
          20 + number,
          of,
          six ? { address: `2001:db8:f::${number}` } : { address: `203.0.113.${number}` },
        ),
      ),
    ),
  remove(
    'floatingIp',
    fc.tuple(tenantId, n(3)).map(([id, name]) => `${id}/f${name}`),
  ),
  fc
    .tuple(workloadId, n(9), n(3))
    .map(([of, number, name]) =>
      put(
        'portForward',
        portForward(`${of.split('/')[0]}/p${name}`, 40 + number, of, { address: `203.0.113.${100 + name}` }),
      ),
    ),
  remove(
    'portForward',
    fc.tuple(tenantId, n(3)).map(([id, name]) => `${id}/p${name}`),
  ),
  remove(
    'egress',
    tenantId.map((id) => `${id}/internet`),
  ),
  fc.tuple(tenantId, tenantId).map(([id, peer]) => put('peering', { id: `${id}/${peer}`, tenant: id, peer })),
  remove(
    'peering',
    fc.tuple(tenantId, tenantId).map(([id, peer]) => `${id}/${peer}`),
  ),
  fc.tuple(hostId, n(4), workloadId).map(([id, p, iface]) => put('port', port(id, `p${p}`, iface, p))),
  remove(
    'port',
    fc.tuple(hostId, n(4)).map(([id, p]) => `${id}/p${p}`),
  ),
)

test('incremental equals from scratch after each of 10,000 random transactions, whatever the order', (t) => {
  let transactions = 0
  fc.assert(
    fc.property(
      fc.array(fc.array(change, { minLength: 1, maxLength: 5 }), { minLength: 100, maxLength: 100 }),
      (history) => {
        const cluster = new Cluster().commit(...twoTenants)
        for (const changes of history) {
          cluster.commit(...changes)
          transactions++
          const fresh = fromScratch(cluster)
          for (const id of hosts) t.deepEqual(difference(cluster.flows(id), fresh.flows(id)), [], id)
        }
      },
    ),
    { numRuns: 100 },
  )
  t.true(transactions >= 10_000)
})

/** What one has and the other has not, readable. */
function difference(a: ReturnType<Cluster['flows']>, b: ReturnType<Cluster['flows']>): readonly string[] {
  const text = (flows: typeof a) => new Set(flows.map(([key, content, unit]) => `${unit}: ${key}${content}`))
  const [one, other] = [text(a), text(b)]
  return [
    ...[...one].filter((flow) => !other.has(flow)).map((flow) => `only incremental: ${flow}`),
    ...[...other].filter((flow) => !one.has(flow)).map((flow) => `only from scratch: ${flow}`),
  ]
}

test('a change and its opposite leave the flows as they were', (t) => {
  const cluster = new Cluster().commit(...twoTenants)
  const before = hosts.map((id) => cluster.flows(id))
  cluster.commit(put('workload', workload('a/new', 'a/lan', 77)), put('port', port('h2', 'new', 'a/new', 9)))
  t.notDeepEqual(
    hosts.map((id) => cluster.flows(id)),
    before,
  )
  cluster.commit({ table: 'port', id: 'h2/new' }, { table: 'workload', id: 'a/new' })
  t.deepEqual(
    hosts.map((id) => cluster.flows(id)),
    before,
  )
})

test('a host without a workload of the tenant has none of its flows', (t) => {
  const cluster = new Cluster().commit(...twoTenants, put('host', host('h3', 3)))
  for (const [, , unit] of cluster.flows('h3')) t.notRegex(unit, /\/[ab]\//)
})

test('one new workload runs few units again and touches few flows', (t) => {
  const cluster = new Cluster().commit(...twoTenants)
  for (const id of hosts) cluster.engine.desired(id)?.takeDirty()
  cluster.commit(put('workload', workload('a/new', 'a/lan', 77)), put('port', port('h2', 'new', 'a/new', 9)))
  t.true((cluster.engine.desired('h1')?.takeDirty().size ?? 0) <= 4)
  t.true((cluster.engine.desired('h2')?.takeDirty().size ?? 0) <= 11)
})

test('one new floating address or forward touches a handful of flows, at the gateway and at its workload', (t) => {
  const cluster = new Cluster().commit(...twoTenants, ...addressesOutside)
  for (const id of hosts) cluster.engine.desired(id)?.takeDirty()
  const touched = () => hosts.slice(0, 2).map((id) => cluster.engine.desired(id)?.takeDirty().size ?? 0)
  cluster.commit(put('floatingIp', floatingIp('b/new', 77, 'b/far')))
  const [there = 0, here = 0] = touched()
  t.true(there >= 6 && there <= 7, `${there}`)
  t.is(here, 1)
  cluster.commit(put('portForward', portForward('b/new', 78, 'b/one')))
  const [forward = 0, other = 0] = touched()
  t.true(forward >= 3 && forward <= 5, `${forward}`)
  t.is(other, 0)
})
