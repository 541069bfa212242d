import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import type { Change, MirrorRow } from '../../src/model/rows.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { policy, rules } from '../support/policies.js'
import { bandwidth, mirror, network, port, put, workload } from '../support/rows.js'
import { Walk } from '../support/walk.js'

const macs = { one: '0a:00:00:00:00:02', two: '0a:00:00:00:00:03', eye: '0a:00:00:00:00:14' } as const
const ips = { one: '192.168.1.2', two: '192.168.1.3', eye: '192.168.1.20' } as const
const broadcast = 'ff:ff:ff:ff:ff:ff'
type Name = keyof typeof ips

/** A datagram between neighbours. */
const datagram = (from: Name, to: Name) => ({
  ...{ ethSrc: macs[from], ethDst: macs[to], ethType: 0x0800, ipProto: 17, ipTtl: 64 },
  ...{ ipv4Src: ips[from], ipv4Dst: ips[to], udpSrc: 5000, udpDst: 7 },
})
const toAll = { ...datagram('one', 'two'), ethDst: broadcast, ipv4Dst: '192.168.1.255' }
const asks = {
  ...{ ethSrc: macs.one, ethDst: broadcast, ethType: 0x0806, arpOp: 1 },
  ...{ arpSha: macs.one, arpSpa: ips.one, arpTpa: ips.two },
}

/** Beside a/one on h1 and a/two on h2 stands a/eye, which gets the copies. */
function cluster(eyeAt: 'h1' | 'h2' | undefined, ...more: readonly Change[]): Cluster {
  const eye = eyeAt ? [put('port', port(eyeAt, 'eye', 'a/eye', 20))] : []
  return new Cluster().commit(...twoTenants, put('workload', workload('a/eye', 'a/lan', 20)), ...eye, ...more)
}

const toEye = (more: Partial<MirrorRow> = {}) => put('mirror', mirror('a/m', 41, { to: 'a/eye', ...more }))
const flowCounts = (of: Cluster) => ['h1', 'h2'].map((host) => of.flows(host).length)

for (const eyeAt of ['h1', 'h2'] as const)
  test(`what a workload sends and gets is copied as it is, to ${eyeAt}`, (t) => {
    const [out, back] = [datagram('one', 'two'), datagram('two', 'one')]
    const of = (direction: MirrorRow['direction']) =>
      new Walk(
        cluster(
          eyeAt,
          put('workload', workload('a/one', 'a/lan', 2, { labels: { role: 'web' } })),
          toEye({ direction, select: { role: 'web' } }),
        ),
      )
    t.deepEqual(of('out').from('a/one', out), ['a/eye', 'a/two'])
    t.deepEqual(of('out').from('a/two', back), ['a/one'])
    t.deepEqual(of('in').from('a/one', out), ['a/two'])
    t.deepEqual(of('in').from('a/two', back), ['a/eye', 'a/one'])
    t.deepEqual(of('both').from('a/one', out), ['a/eye', 'a/two'])
    t.deepEqual(of('both').from('a/two', back), ['a/eye', 'a/one'])
    const ends = of('both').ends('h1', 1, out)
    for (const { name, header } of ends)
      for (const [field, value] of Object.entries(out))
        t.is(header.value(field as 'ethSrc'), value, `${name} ${field}`)
  })

test('both ends selected: once as it is sent and once as it is got', (t) => {
  const walk = new Walk(cluster('h2', toEye()))
  t.deepEqual(walk.from('a/one', datagram('one', 'two')), ['a/eye', 'a/eye', 'a/two'])
})

test('questions and their answers are copied', (t) => {
  const walk = new Walk(cluster('h2', toEye()))
  const ends = walk.ends('h1', 1, asks)
  t.deepEqual(
    ends.map(({ name, header }) => [name, header.value('arpOp')]),
    [
      ['a/eye', 1],
      ['a/eye', 2],
      ['a/one', 2],
    ],
  )
  const [, copy, answer] = ends
  for (const field of ['ethSrc', 'ethDst', 'arpSha', 'arpTha', 'arpSpa', 'arpTpa'] as const)
    t.is(copy?.header.value(field), answer?.header.value(field), field)
})

test('a broadcast reaches everybody once, and is copied for each who gets it', (t) => {
  const sent = new Walk(cluster('h2', toEye({ direction: 'out' })))
  t.deepEqual(sent.from('a/one', toAll), ['a/eye', 'a/eye', 'a/two'])
  const got = new Walk(cluster('h2', toEye({ direction: 'in' })))
  t.deepEqual(got.from('a/one', toAll), ['a/eye', 'a/eye', 'a/two'])
  const judged = put('policy', policy('a/p', 1, { select: { role: 'nobody' }, ingress: [] }))
  const guarded = new Walk(cluster('h2', toEye({ direction: 'in' }), judged, put('settled', { id: 'a' })))
  t.deepEqual(guarded.from('a/one', toAll), ['a/eye', 'a/eye', 'a/two'])
})

test('what does not get there is not copied as got; what a workload may not say is not copied at all', (t) => {
  const deny = put('policy', policy('a/p', 1, { ingress: rules(10, { action: 'deny' }) }))
  for (const [direction, seen] of [
    ['in', []],
    ['out', ['a/eye']],
  ] as const) {
    const walk = new Walk(cluster('h2', deny, put('settled', { id: 'a' }), toEye({ direction })))
    t.deepEqual(walk.from('a/one', datagram('one', 'two')), [...seen])
  }
  const walk = new Walk(cluster('h2', toEye()))
  t.deepEqual(walk.from('a/one', { ...datagram('one', 'two'), ipv4Src: '192.168.1.9' }), [])
})

test('limits and marks are as without copies', (t) => {
  const limits = [
    put('bandwidth', bandwidth('a/in', 1, { direction: 'in', dscp: 10 })),
    put('bandwidth', bandwidth('a/out', 2, { dscp: 46 })),
  ]
  const ends = new Walk(cluster('h2', ...limits, toEye())).ends('h1', 1, datagram('one', 'two'))
  t.deepEqual(
    ends.map(({ name, header }) => [name, header.value('ipDscp')]),
    [
      ['a/eye', 0],
      ['a/eye', 10],
      ['a/two', 10],
    ],
  )
})

test('routed packets are copied as they are sent and as they are got', (t) => {
  const dmz = [
    put('network', network('a/dmz', 7)),
    put('workload', workload('a/far', 'a/dmz', 21, { addresses: ['192.168.7.21'] })),
    put('port', port('h1', 'far', 'a/far', 21)),
  ]
  const packet = { ...datagram('one', 'two'), ethDst: routerMac, ipv4Dst: '192.168.7.21' }
  const ends = new Walk(cluster('h1', ...dmz, toEye())).ends('h1', 1, packet)
  t.deepEqual(
    ends.map(({ name, header }) => [name, header.value('ethDst'), header.value('ipTtl')]),
    [
      ['a/eye', routerMac, 64],
      ['a/eye', '0a:00:00:00:00:15', 63],
      ['a/far', '0a:00:00:00:00:15', 63],
    ],
  )
})

test('copies are not copied, and nobody gets copies of its own packets', (t) => {
  const chain = new Walk(cluster('h2', toEye(), put('mirror', mirror('a/n', 42, { to: 'a/two' }))))
  t.deepEqual(chain.from('a/one', datagram('one', 'two')), ['a/eye', 'a/eye', 'a/two'])
  t.deepEqual(chain.from('a/one', datagram('one', 'eye')), ['a/eye', 'a/two', 'a/two'])
  t.deepEqual(chain.from('a/eye', datagram('eye', 'one')), ['a/one', 'a/two', 'a/two'])
  t.deepEqual(chain.from('a/one', { ...asks, arpTpa: '192.168.1.77' }), ['a/eye', 'a/two'])
})

test('each of several mirrors gets its copy', (t) => {
  const walk = new Walk(
    cluster('h2', toEye({ direction: 'out' }), put('mirror', mirror('a/n', 42, { direction: 'out' }))),
  )
  t.deepEqual(walk.from('a/one', { ...asks, arpTpa: '192.168.1.77' }), ['a/eye', 'a/two'])
})

test('others are not concerned: neither another tenant nor workloads that are not selected', (t) => {
  const without = cluster('h2')
  const before = ['h1', 'h2'].map((host) => without.flows(host))
  const counts = flowCounts(without)
  const ones = put('workload', workload('a/one', 'a/lan', 2, { labels: { role: 'web' } }))
  without.commit(ones, toEye({ select: { role: 'web' } }))
  // On h1: three for copies, two for what is delivered and one for what is answered. On h2 one for those that come, one for its own.
  t.deepEqual(flowCounts(without), [(counts[0] ?? 0) + 6, (counts[1] ?? 0) + 2])
  t.deepEqual(new Walk(without).from('a/two', datagram('two', 'eye')), ['a/eye'])
  const ofB = { ...datagram('one', 'two'), ethSrc: '0a:00:00:00:00:04', ethDst: '0a:00:00:00:00:05' }
  t.deepEqual(new Walk(without).from('b/one', { ...ofB, ipv4Src: '192.168.2.4', ipv4Dst: '192.168.2.5' }), [
    'b/two',
  ])
  without.commit({ table: 'mirror', id: 'a/m' }, put('workload', workload('a/one', 'a/lan', 2)))
  t.deepEqual(
    ['h1', 'h2'].map((host) => without.flows(host)),
    before,
  )
})

test('without a receiver there are no copies; they follow it when it moves, and stop at a host that it has left', (t) => {
  const moving = cluster(undefined, toEye({ direction: 'out' }))
  const seen = () => new Walk(moving).from('a/one', datagram('one', 'two'))
  const atTunnel = (host: string, tunnelPort: number) =>
    new Walk(moving).at(host, tunnelPort, {
      ...datagram('one', 'two'),
      tunnelId: 41n,
      tunIpv4Src: '10.0.0.9',
    })
  t.deepEqual(seen(), ['a/two'])
  moving.commit(put('port', port('h2', 'eye', 'a/eye', 20)))
  t.deepEqual(seen(), ['a/eye', 'a/two'])
  t.deepEqual(atTunnel('h2', 101), ['a/eye'])
  t.deepEqual(atTunnel('h1', 100), [])
  moving.commit({ table: 'port', id: 'h2/eye' }, put('port', port('h1', 'eye', 'a/eye', 30)))
  t.deepEqual(seen(), ['a/eye', 'a/two'])
  t.deepEqual(atTunnel('h2', 101), [])
})

test('a workload that moves is listened to where it is', (t) => {
  const moving = cluster('h1', toEye({ direction: 'out' }))
  moving.commit({ table: 'port', id: 'h1/a1' }, put('port', port('h2', 'a1', 'a/one', 31)))
  t.deepEqual(new Walk(moving).from('a/one', datagram('one', 'two')), ['a/eye', 'a/two'])
})

test('copies of a sub-port have no tag, and copies for a sub-port have its own', (t) => {
  const sub = { trunk: { parent: 'a/one', tag: 5 } }
  const eye = { trunk: { parent: 'a/two', tag: 6 } }
  const nested = new Cluster().commit(
    ...twoTenants,
    put('workload', workload('a/sub', 'a/lan', 30, { ...sub, addresses: ['192.168.1.30'] })),
    put('workload', workload('a/eye', 'a/lan', 20, eye)),
    toEye(),
  )
  const packet = { ...datagram('one', 'two'), ethSrc: '0a:00:00:00:00:1e', ipv4Src: '192.168.1.30' }
  t.deepEqual(new Walk(nested).from('a/sub', packet), ['a/eye tag 6', 'a/eye tag 6', 'a/two'])
  t.deepEqual(new Walk(nested).from('a/sub', { ...packet, ethDst: macs.one, ipv4Dst: ips.one }), [
    ...['a/eye tag 6', 'a/eye tag 6'],
    'a/one',
  ])
})
