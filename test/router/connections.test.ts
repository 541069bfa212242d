import test from 'ava'
import { readPacket } from '../../src/frames/packet.js'
import { Connections } from '../../src/router/connections.js'
import type { Way } from '../../src/router/way.js'
import { ethernet, ipv4, ipv6 } from '../e2e/support/frames.js'

const mac = '02:73:6c:00:00:01'
const router = '0a:ff:00:00:00:01'
const [syn, ack] = [0x02, 0x10]
/** Of a workload in tenant 2, its connections with a station outside, by gateway 9. */
const ends = [
  { station: '198.51.100.9', outside: '203.0.113.70', transit: '240.0.0.2', inside: '192.168.2.4' },
  {
    ...{ station: '2001:db8:9::9', outside: '2001:db8:f::70' },
    ...{ transit: 'fd73:6c75:6963:6500::2', inside: '2001:db8:2::4' },
  },
] as const
const [{ station, outside, transit, inside }] = ends

function setUp() {
  const sent: { host: string; way: Way; frame: Buffer }[] = []
  const clock = { nowMs: 0 }
  const connections = new Connections({
    mac,
    now: () => clock.nowMs,
    onHandOn: () => undefined,
    send: (host, way, frame) => sent.push({ host, way, frame }),
  })
  return { connections, sent, clock }
}

function segment(src: string, dst: string, [from, to]: readonly [number, number], flags = ack): Buffer {
  const payload = Buffer.alloc(20)
  payload.writeUInt16BE(from, 0)
  payload.writeUInt16BE(to, 2)
  payload.writeUInt32BE(7, 4)
  payload.writeUInt32BE(9, 8)
  payload.writeUInt8(0x50, 12)
  payload.writeUInt8(flags, 13)
  const ip = src.includes(':')
    ? ipv6({ src, dst, protocol: 6 }, payload)
    : ipv4({ src, dst, protocol: 6 }, payload)
  return ethernet(router, mac, src.includes(':') ? 0x86dd : 0x0800, ip)
}

function read(frame: Buffer | undefined) {
  const packet = frame && readPacket(frame)
  if (!packet) throw new Error('no packet')
  return packet
}

type End = readonly [address: string, port: number]

/** What a switch tells of a connection: from one to the other. */
const translated = ([address, port]: End, [to, toPort]: End, flags = syn, tenant = 2) => ({
  frame: segment(to, to.includes(':') ? ends[1].station : station, [toPort, 443], flags),
  ...{ gateway: 9, tenant, before: { address, port } },
})

/** A connection whose port has become another in each zone. */
function open(connections: Connections, { inside, transit, outside }: (typeof ends)[number] = ends[0]): void {
  connections.mapped('h1', translated([inside, 40_000], [transit, 40_001]))
  connections.mapped('h1', translated([transit, 40_001], [outside, 40_002]))
}

test('what a host does not know is handed on to the workload that has opened it', (t) => {
  for (const end of ends) {
    const { connections, sent } = setUp()
    open(connections, end)
    t.deepEqual(sent, [])
    t.false(connections.isGivenUp('h2', 9, read(segment(end.station, end.outside, [443, 40_002]))))
    t.like(sent, [{ host: 'h2', way: { inside: 2, gateway: 9 } }])
    t.like(read(sent[0]?.frame), {
      ...{ source: end.station, destination: end.inside, macDestination: mac },
      ports: { source: 443, destination: 40_000 },
    })
    t.deepEqual(connections.figures, { known: 2, handedOn: 1, displaced: 0 })
  }
})

test('until it is given up; and not what is of another gateway, station or port', (t) => {
  const { connections, sent, clock } = setUp()
  open(connections)
  for (const [gateway, other] of [
    [8, segment(station, outside, [443, 40_002])],
    [9, segment('198.51.100.8', outside, [443, 40_002])],
    [9, segment(station, outside, [444, 40_002])],
    [9, segment(station, outside, [443, 40_000])],
    [9, segment(station, '203.0.113.71', [443, 40_002])],
  ] as const)
    t.false(connections.isGivenUp('h2', gateway, read(other)))
  t.deepEqual(sent, [])
  const back = read(segment(station, outside, [443, 40_002]))
  clock.nowMs = 1000
  t.false(connections.isGivenUp('h2', 9, back))
  clock.nowMs = 1999
  t.false(connections.isGivenUp('h2', 9, back))
  clock.nowMs = 2000
  t.true(connections.isGivenUp('h2', 9, back))
  t.is(sent.length, 2)
})

test('who goes on with what was another’s is reset as if by the station, whichever translation it was', (t) => {
  for (const [tenant, address, through] of [
    [1, '192.168.1.5', '240.0.0.1'],
    [2, '192.168.2.5', transit],
  ] as const) {
    const { connections, sent } = setUp()
    open(connections)
    connections.mapped('h2', translated([address, 40_009], [through, 40_001], ack, tenant))
    connections.mapped('h2', translated([through, 40_001], [outside, 40_002], ack, tenant))
    t.like(sent, [{ host: 'h2', way: { inside: tenant, gateway: 9 } }])
    const reset = read(sent[0]?.frame)
    t.like(reset, { source: station, destination: address, ports: { source: 443, destination: 40_009 } })
    t.is(
      reset.payload.toString('hex', 4, 14),
      '00000009' + '00000000' + '5004',
      'with the number that it expects',
    )
    t.is(connections.figures.displaced, 1)
  }
})

test('who takes up his own goes on, and who opens a connection has the port', (t) => {
  const { connections, sent } = setUp()
  open(connections)
  connections.mapped('h2', translated([inside, 40_000], [transit, 40_001], ack))
  connections.mapped('h2', translated([transit, 40_001], [outside, 40_002], ack))
  connections.mapped('h2', translated(['192.168.2.5', 40_000], [transit, 40_001]))
  t.deepEqual(sent, [])
  t.false(connections.isGivenUp('h1', 9, read(segment(station, outside, [443, 40_002]))))
  t.is(read(sent[0]?.frame).destination, '192.168.2.5')
})

test('the oldest are forgotten when there are too many', (t) => {
  const { connections, sent } = setUp()
  open(connections)
  for (let n = 0; n < 131_072 - 2; n++)
    connections.mapped('h1', translated([inside, n & 0xffff], [`240.0.1.${n >> 16}`, n & 0xffff]))
  t.is(connections.figures.known, 131_072)
  const back = read(segment(station, outside, [443, 40_002]))
  t.false(connections.isGivenUp('h2', 9, back))
  t.is(sent.length, 1)
  for (const port of [1, 2]) connections.mapped('h1', translated([inside, port], ['240.0.2.1', port]))
  t.is(connections.figures.known, 131_072)
  t.false(connections.isGivenUp('h2', 9, back))
  t.is(sent.length, 1)
})

test('what cannot be read is not noted', (t) => {
  const { connections } = setUp()
  const end = { address: inside, port: 40_000 }
  connections.mapped('h1', { frame: Buffer.from('nonsense'), gateway: 9, tenant: 2, before: end })
  t.is(connections.figures.known, 0)
})
