import test from 'ava'
import fc from 'fast-check'
import { stranded } from '../../flows/answers.js'
import { readPacket } from '../../src/frames/packet.js'
import type { Kind, Place } from '../../src/router/notice.js'
import { type Answer, Router, type StrandedPacket } from '../../src/router/router.js'
import type { Way } from '../../src/router/way.js'
import { ethernet, ipv4, ipv6, udp } from '../e2e/support/frames.js'
import { addressesOutside, Cluster, twoTenants } from '../support/cluster.js'

const mac = '02:73:6c:00:00:01'
/** Workload b/one: 192.168.2.4 and 2001:db8:2::4, key 4, in network 2 of tenant 2, which leaves by gateway 9. */
const one = { mac: '0a:00:00:00:00:04', address: '192.168.2.4', address6: '2001:db8:2::4', key: 4 }
const uplink = '0a:ee:00:00:00:01'
const outer = '0a:ff:00:00:00:01'

function setUp() {
  const { model } = new Cluster().commit(...twoTenants, ...addressesOutside)
  const sent: { host: string; way: Way; frame: Buffer }[] = []
  const answers: Answer[] = []
  const clock = { nowMs: 0 }
  const router = new Router({
    model,
    mac,
    now: () => clock.nowMs,
    send: (host, way, frame) => sent.push({ host, way, frame }),
    onAnswer: (answer) => answers.push(answer),
    onHandOn: () => undefined,
  })
  return { router, sent, answers, clock }
}

function userdata(kind: Kind, place: Place, mtu?: number): Uint8Array {
  const [action] = stranded(kind, place, mtu)
  return (action?.type === 'controller' && action.userdata) || new Uint8Array()
}

const datagram = (src: string, dst: string, macs: readonly [string, string] = [mac, one.mac]) =>
  src.includes(':')
    ? ethernet(...macs, 0x86dd, ipv6({ src, dst, protocol: 17 }, udp(4000, 53)))
    : ethernet(...macs, 0x0800, ipv4({ src, dst, protocol: 17 }, udp(4000, 53)))
const syn = (src: string, dst: string) =>
  ethernet(
    mac,
    one.mac,
    0x0800,
    ipv4({ src, dst, protocol: 6 }, Buffer.from('9c4000500000000100000000500200000000' + '0000', 'hex')),
  )

const acknowledgement = (src: string, dst: string) =>
  ethernet(
    ...([outer, uplink] as const),
    0x0800,
    ipv4(
      { src, dst, protocol: 6 },
      Buffer.from('01bb9c40' + '00000007' + '00000009' + '5010ffff' + '00000000', 'hex'),
    ),
  )

const atRouter = (frame: Buffer, kind: Kind, more: Partial<StrandedPacket> & { mtu?: number } = {}) => ({
  userdata: userdata(kind, 'router', more.mtu),
  frame,
  port: 3,
  from: 'workload' as const,
  source: one.key,
  network: 2,
  tenant: 2,
  gateway: 0,
  ...more,
})
const atGateway = (frame: Buffer, kind: Kind, place: Place, more: Partial<StrandedPacket> = {}) => ({
  ...atRouter(frame, kind),
  userdata: userdata(kind, place),
  source: 0,
  port: 100,
  gateway: 9,
  ...more,
})

test('a workload is told at its port, by the router of its network', (t) => {
  for (const [source, to, by, icmp] of [
    [one.address, '8.8.8.8', '192.168.2.1', { type: 11, code: 0 }],
    [one.address6, '2001:db8:8::8', '2001:db8:2::1', { type: 3, code: 0 }],
  ] as const) {
    const { router, sent, answers } = setUp()
    router.stranded('h1', atRouter(datagram(source, to), 'hopsExceeded'))
    t.like(sent, [{ host: 'h1', way: { port: 3 } }])
    t.like(readPacket(sent[0]?.frame ?? Buffer.alloc(0)), {
      ...{ macSource: mac, macDestination: one.mac, source: by, destination: source, icmp },
    })
    t.like(answers, [{ host: 'h1', kind: 'hopsExceeded', packet: { destination: to } }])
    t.is(router.figures.answered.hopsExceeded, 1)
  }
})

test('what answers a workload is told of by way of the translations, as if by the workload, with the MTU', (t) => {
  const { router, sent } = setUp()
  const frame = datagram('198.51.100.9', one.address, [mac, mac])
  router.stranded('h1', atRouter(frame, 'tooLarge', { from: 'outside', source: 0, gateway: 9, mtu: 1442 }))
  t.like(sent, [{ way: { tenant: 2, gateway: 9 } }])
  const answer = readPacket(sent[0]?.frame ?? Buffer.alloc(0))
  t.like(answer, { source: one.address, destination: '198.51.100.9', icmp: { type: 3, code: 4 } })
  t.is(answer?.payload.readUInt16BE(6), 1442)
  t.deepEqual(answer?.payload.subarray(8), readPacket(frame)?.bytes)
})

test('by IPv6 a station outside is always told straight away, of the address that it knows', (t) => {
  const { router, sent } = setUp()
  const frame = datagram('2001:db8:9::9', one.address6, [mac, mac])
  router.stranded('h1', atRouter(frame, 'tooLarge', { from: 'outside', source: 0, gateway: 9, mtu: 1442 }))
  t.like(sent, [{ way: { wire: 9 } }])
  const answer = readPacket(sent[0]?.frame ?? Buffer.alloc(0))
  t.like(answer, { source: '2001:db8:f::13', destination: '2001:db8:9::9', icmp: { type: 2, code: 0 } })
  t.is(answer?.payload.readUInt32BE(4), 1442)
  t.is(answer?.payload.toString('hex', 8 + 24, 8 + 40), '20010db8000f00000000000000000013')
})

test('a physical station is told by the router of the network whose address it has', (t) => {
  for (const [source, by] of [
    ['192.168.2.200', '192.168.2.1'],
    ['2001:db8:2::200', '2001:db8:2::1'],
  ] as const) {
    const { router, sent } = setUp()
    const to = source.includes(':') ? '2001:db8:9::9' : '8.8.8.8'
    const at = { from: 'wire', source: 0, network: 3 } as const
    router.stranded('h1', atRouter(datagram(source, to), 'noRoute', at))
    t.like(sent, [{ way: { network: 2, tenant: 2 } }])
    t.like(readPacket(sent[0]?.frame ?? Buffer.alloc(0)), { source: by, destination: source })
    router.stranded('h1', atRouter(datagram('192.0.2.9', '8.8.8.8'), 'noRoute', at))
    t.is(sent.length, 1)
  }
})

test('a gateway tells a workload by way of its router', (t) => {
  for (const [source, to, by] of [
    [one.address, '8.8.8.8', '203.0.113.70'],
    [one.address6, '2001:db8:8::8', '2001:db8:f::70'],
  ] as const) {
    const { router, sent } = setUp()
    router.stranded('h1', atGateway(datagram(source, to), 'hopsExceeded', 'gateway'))
    t.like(sent, [{ way: { network: 2, tenant: 2 } }])
    const answer = readPacket(sent[0]?.frame ?? Buffer.alloc(0))
    t.like(answer, { source: by, destination: source, macDestination: mac })
  }
})

test('where no port is left a connection is reset, and a datagram prohibited, as if by the station outside', (t) => {
  const { router, sent } = setUp()
  for (const frame of [syn(one.address, '8.8.8.8'), datagram(one.address, '8.8.8.8')])
    router.stranded('h1', atGateway(frame, 'untranslated', 'gateway'))
  router.stranded('h1', atGateway(syn('240.0.0.2', '8.8.8.8'), 'untranslated', 'transit'))
  const packets = sent.map(({ frame }) => readPacket(frame))
  t.deepEqual(
    sent.map(({ way }) => way),
    [{ network: 2, tenant: 2 }, { network: 2, tenant: 2 }, { transit: 9 }],
  )
  t.like(packets[0], { source: '8.8.8.8', destination: one.address, protocol: 6 })
  t.like(packets[1], { source: '8.8.8.8', icmp: { type: 3, code: 13 } })
  t.like(packets[2], { source: '8.8.8.8', destination: '240.0.0.2', protocol: 6 })
})

test('what was for a floating address or a forwarded port is told of as it was sent, hops by the gateway', (t) => {
  const two = '192.168.1.3'
  const web = '192.168.1.2'
  const forwarded = ethernet(
    ...([mac, mac] as const),
    0x0800,
    ipv4({ src: '198.51.100.9', dst: web, protocol: 6 }, Buffer.from('9c40005000000001', 'hex')),
  )
  for (const [frame, kind, by, was, port] of [
    [datagram('198.51.100.9', two, [mac, mac]), 'tooLarge', '203.0.113.12', 'cb00710c', 53],
    [datagram('198.51.100.9', two, [mac, mac]), 'hopsExceeded', '203.0.113.70', 'cb00710c', 53],
    [forwarded, 'tooLarge', '203.0.113.70', 'cb007146', 10_014],
  ] as const) {
    const { router, sent } = setUp()
    const at = { from: 'outside', source: 0, network: 0, tenant: 1, gateway: 9, mtu: 1442 } as const
    router.stranded('h1', atRouter(frame, kind, at))
    t.like(sent, [{ way: { wire: 9 } }])
    const answer = readPacket(sent[0]?.frame ?? Buffer.alloc(0))
    t.like(answer, { source: by, destination: '198.51.100.9' })
    t.is(answer?.payload.toString('hex', 8 + 16, 8 + 20), was)
    t.is(answer?.payload.readUInt16BE(8 + 22), port)
  }
})

test('a port outside that nobody has refuses at the port by which it was asked', (t) => {
  const { router, sent } = setUp()
  const frame = datagram('203.0.113.1', '203.0.113.70', [outer, uplink])
  const at = { network: 0, tenant: 0, port: 200 }
  router.stranded('h1', atGateway(frame, 'closed', 'wire', at))
  router.stranded('h1', atGateway(frame, 'closed', 'wire', { ...at, port: 0 }))
  t.deepEqual(
    sent.map(({ way }) => way),
    [{ port: 200 }, { wire: 9 }],
  )
  t.like(readPacket(sent[0]?.frame ?? Buffer.alloc(0)), {
    ...{ source: '203.0.113.70', destination: '203.0.113.1', macSource: outer, macDestination: uplink },
    icmp: { type: 3, code: 3 },
  })
})

test('a connection that is not known is reset once its workload had time to take it up', (t) => {
  const { router, sent, clock } = setUp()
  const at = { network: 0, tenant: 0, port: 200 }
  const hear = (source: string, atMs: number) => {
    clock.nowMs = atMs
    const frame = acknowledgement(source, '203.0.113.70')
    router.stranded('h1', atGateway(frame, 'orphaned', 'wire', at))
    return sent.length
  }
  t.is(hear('198.51.100.9', 0), 0)
  t.is(hear('198.51.100.9', 1000), 0)
  t.is(hear('198.51.100.8', 2000), 0, 'another connection')
  t.is(hear('198.51.100.9', 2000), 1)
  const reset = readPacket(sent[0]?.frame ?? Buffer.alloc(0))
  t.like(reset, { source: '203.0.113.70', destination: '198.51.100.9', protocol: 6 })
  // As a closed port answers: with the number that was acknowledged, and nothing but the flag RST.
  t.is(reset?.payload.toString('hex', 0, 14), '9c4001bb' + '00000009' + '00000000' + '5004')
  t.is(hear('198.51.100.9', 3000), 2)
  t.is(hear('198.51.100.9', 400_000), 2, 'what was long ago is forgotten')
  for (let i = 0; i < 5000; i++) hear(`198.18.${i >> 8}.${i & 255}`, 400_001)
  t.is(hear('198.51.100.9', 403_000), 2, 'as is what too many others have followed')
  t.is(hear('198.51.100.9', 406_000), 3)
})

test('a router answers for its own ports', (t) => {
  for (const kind of ['hopsExceeded', 'noHost'] as const) {
    const { router, sent } = setUp()
    router.stranded('h1', atRouter(datagram(one.address, '192.168.2.1'), kind))
    router.stranded('h1', atRouter(syn(one.address, '192.168.2.1'), kind))
    const packets = sent.map(({ frame }) => readPacket(frame))
    t.like(packets[0], { source: '192.168.2.1', icmp: { type: 3, code: 3 } })
    t.like(packets[1], { source: '192.168.2.1', protocol: 6 })
  }
})

test('nobody is told of broadcasts, nor who is unknown; that is counted', (t) => {
  const { router, sent } = setUp()
  router.stranded('h1', atRouter(datagram(one.address, '192.168.3.255'), 'noHost', { network: 3 }))
  router.stranded('h1', atRouter(datagram(one.address, '192.168.3.9'), 'noHost', { source: 0 }))
  router.stranded('h1', atGateway(datagram(one.address, '8.8.8.8'), 'noRoute', 'gateway', { gateway: 77 }))
  router.stranded('h1', atRouter(datagram('2001:db8:3::6', '2001:db8:8::8'), 'noRoute', { source: 6 }))
  t.deepEqual(sent, [])
  t.is(router.figures.suppressed, 4)
})

test('whatever a switch sends is counted', (t) => {
  const { router } = setUp()
  const frames = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.nat({ max: 60 }).map((length) => datagram(one.address, '8.8.8.8').subarray(0, length)),
  )
  const data = fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constant(userdata('noHost', 'router')))
  let sent = 0
  fc.assert(
    fc.property(frames, data, fc.nat({ max: 9 }), (frame, bytes, gateway) => {
      router.stranded('h1', { ...atRouter(frame, 'noHost'), userdata: bytes, gateway })
      sent++
    }),
    { numRuns: 2000 },
  )
  const { answered, suppressed, malformed } = router.figures
  t.is(
    Object.values(answered).reduce((sum, count) => sum + count, suppressed + malformed),
    sent,
  )
  t.true(malformed > 1000)
})
