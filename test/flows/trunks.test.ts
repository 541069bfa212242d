import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import type { Change } from '../../src/model/rows.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { bandwidth, network, port, put, workload } from '../support/rows.js'
import { Walk } from '../support/walk.js'

const trunk = (tag: number) => ({ trunk: { parent: 'a/one', tag } })

/** Two sub-ports of a/one: one in its own network, one in another. */
const subPorts: readonly Change[] = [
  put('network', network('a/dmz', 7)),
  put('workload', workload('a/sub', 'a/lan', 20, trunk(5))),
  put('workload', workload('a/far', 'a/dmz', 21, { ...trunk(6), addresses: ['192.168.7.21'] })),
]
const cluster = () => new Cluster().commit(...twoTenants, ...subPorts)

const own = (key: number, ip: string) => ({
  ethSrc: `0a:00:00:00:00:${key.toString(16).padStart(2, '0')}`,
  ethType: 0x0800,
  ipv4Src: ip,
  ipProto: 17,
  ipTtl: 64,
})
const one = own(2, '192.168.1.2')
const sub = own(20, '192.168.1.20')
const far = own(21, '192.168.7.21')
const macOf = { 'a/one': '0a:00:00:00:00:02', 'a/two': '0a:00:00:00:00:03', 'a/sub': '0a:00:00:00:00:14' }
const broadcast = 'ff:ff:ff:ff:ff:ff'

test('a sub-port is where its parent is, and goes with it', (t) => {
  const moved = cluster()
  t.like(moved.model.get('placement', 'a/sub'), { host: 'h1', ofport: 1, tag: 5 })
  t.is(moved.model.get('placement', 'a/one')?.tag, undefined)
  moved.commit({ table: 'port', id: 'h1/a1' }, put('port', port('h2', 'a9', 'a/one', 9)))
  t.like(moved.model.get('placement', 'a/sub'), { host: 'h2', ofport: 9, tag: 5 })
  moved.commit({ table: 'workload', id: 'a/one' })
  t.is(moved.model.get('placement', 'a/sub'), undefined)
})

test('packets with its tag are its own, both ways', (t) => {
  const walk = new Walk(cluster())
  t.deepEqual(
    walk.from('a/two', { ...own(3, '192.168.1.3'), ethDst: macOf['a/sub'], ipv4Dst: '192.168.1.20' }),
    ['a/sub tag 5'],
  )
  t.deepEqual(walk.from('a/sub', { ...sub, ethDst: macOf['a/two'], ipv4Dst: '192.168.1.3' }), ['a/two'])
  t.deepEqual(walk.from('a/far', { ...far, ethDst: routerMac, ipv4Dst: '192.168.1.3' }), ['a/two'])
})

test('workloads of one port reach each other through it', (t) => {
  const walk = new Walk(cluster())
  t.deepEqual(walk.from('a/one', { ...one, ethDst: macOf['a/sub'], ipv4Dst: '192.168.1.20' }), [
    'a/sub tag 5',
  ])
  t.deepEqual(walk.from('a/sub', { ...sub, ethDst: macOf['a/one'], ipv4Dst: '192.168.1.2' }), ['a/one'])
  t.deepEqual(walk.from('a/far', { ...far, ethDst: routerMac, ipv4Dst: '192.168.1.20' }), ['a/sub tag 5'])
})

test("a tag that no sub-port has goes nowhere, and its drop is the workload's", (t) => {
  const walk = new Walk(cluster())
  for (const vlanVid of [0x1000 | 7, 0x1000]) {
    const ends = walk.ends('h1', 1, { ...one, ethDst: macOf['a/two'], ipv4Dst: '192.168.1.3', vlanVid })
    t.deepEqual(
      ends.map(({ end, step }) => [end, step.lookup?.flow.unit]),
      [['dropped', 'spoof-guard/anything else that a workload sends/a/one']],
    )
  }
})

test('ARP is answered with the tag of who asked', (t) => {
  const walk = new Walk(cluster())
  const asks = { ethDst: broadcast, ethType: 0x0806, arpOp: 1, arpTpa: '192.168.1.3' }
  const [end, ...others] = walk.ends('h1', 1, {
    ...{ ...asks, ethSrc: macOf['a/sub'], arpSha: macOf['a/sub'], arpSpa: '192.168.1.20' },
    vlanVid: 0x1000 | 5,
  })
  t.deepEqual(others, [])
  t.is(end?.name, 'a/sub tag 5')
  t.is(end?.header.value('arpSha'), macOf['a/two'])
})

for (const guarded of [false, true])
  test(`a broadcast reaches each other station once${guarded ? ', where policy judges each copy' : ''}`, (t) => {
    const policies: readonly Change[] = guarded
      ? [
          put('policy', {
            ...{ id: 'a/p', tenant: 'a', number: 1, tier: 'tenant', established: 'recheck' },
            ...{ select: { role: 'nobody' }, ingress: [] },
          }),
          put('settled', { id: 'a' }),
        ]
      : []
    const walk = new Walk(cluster().commit(...policies))
    const stations = ['a/one', 'a/sub tag 5', 'a/two']
    for (const [id, sender] of [
      ['a/one', one],
      ['a/sub', sub],
      ['a/two', own(3, '192.168.1.3')],
    ] as const)
      t.deepEqual(
        walk.from(id, { ...sender, ethDst: broadcast, ipv4Dst: '192.168.1.255' }),
        stations.filter((station) => !station.startsWith(id)),
      )
  })

test('each has its own limit, in and out', (t) => {
  const limited = cluster().commit(
    put('bandwidth', bandwidth('a/in', 1, { direction: 'in' })),
    put('bandwidth', bandwidth('a/out', 2, { direction: 'out' })),
  )
  t.deepEqual([...(limited.engine.groupsAndMeters('h1')?.conflicts() ?? [])], [])
  // One, sub and far, in and out, and those for the controller.
  const meters = new Cluster().commit(...twoTenants, ...subPorts).engine.groupsAndMeters('h1')?.size ?? 0
  t.is(limited.engine.groupsAndMeters('h1')?.size, meters + 6)
  const walk = new Walk(limited)
  t.deepEqual(walk.from('a/one', { ...one, ethDst: macOf['a/sub'], ipv4Dst: '192.168.1.20' }), [
    'a/sub tag 5',
  ])
  t.deepEqual(walk.from('a/sub', { ...sub, ethDst: macOf['a/one'], ipv4Dst: '192.168.1.2' }), ['a/one'])
})
