import test from 'ava'
import { readPacket } from '../../src/frames/packet.js'
import { Connections } from '../../src/router/connections.js'
import type { Way } from '../../src/router/way.js'
import { ethernet, ipv4, ipv6 } from '../e2e/support/frames.js'

const mac = '02:73:6c:00:00:01'
const router = '0a:ff:00:00:00:01'
const [syn, ack] = [0x02, 0x10]
/** A workload's connections, in tenant 2, with a station outside, by the gateway `out`, which is number 9. */
const ends = [
  { station: '198.51.100.9', outside: '203.0.113.70', inside: '192.168.2.4', number: 0xc0a80204n },
  {
    station: '2001:db8:9::9',
    outside: '2001:db8:f::70',
    inside: '2001:db8:2::4',
    number: 0x20010db8000200000000000000000004n,
  },
] as const
const [{ station, outside, number }] = ends

function setUp() {
  const sent: { host: string; way: Way; frame: Buffer }[] = []
  const clock = { nowMs: 0 }
  const connections = new Connections({
    mac,
    now: () => clock.nowMs,
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

/** What a switch tells of a connection of 192.168.2.4, unless something else is said. */
const mapped = (flags: number, more: { readonly address?: bigint; readonly tenant?: number } = {}) => ({
  frame: segment(outside, station, [40_001, 443], flags),
  ...{ gateway: 9, tenant: 2, address: number, port: 40_000, ...more },
})

test('what a host does not know is handed on to the workload that has opened it', (t) => {
  for (const { station, outside, inside, number } of ends) {
    const { connections, sent } = setUp()
    const opening = segment(outside, station, [40_001, 443], syn)
    connections.mapped('h1', { frame: opening, gateway: 9, tenant: 2, address: number, port: 40_000 })
    t.deepEqual(sent, [])
    const back = read(segment(station, outside, [443, 40_001]))
    t.false(connections.isGivenUp('h2', 9, back))
    t.like(sent, [{ host: 'h2', way: { inside: 2, gateway: 9 } }])
    t.like(read(sent[0]?.frame), {
      ...{ source: station, destination: inside, macDestination: mac },
      ports: { source: 443, destination: 40_000 },
    })
    t.deepEqual(connections.figures, { known: 1, handedOn: 1, displaced: 0 })
  }
})

test('until it is given up; and not what is of another gateway, station or port', (t) => {
  const { connections, sent, clock } = setUp()
  connections.mapped('h1', mapped(syn))
  const back = read(segment(station, outside, [443, 40_001]))
  for (const [gateway, other] of [
    [8, back],
    [9, read(segment('198.51.100.8', outside, [443, 40_001]))],
    [9, read(segment(station, outside, [444, 40_001]))],
    [9, read(segment(station, outside, [443, 40_000]))],
    [9, read(segment(station, '203.0.113.71', [443, 40_001]))],
  ] as const)
    t.false(connections.isGivenUp('h2', gateway, other))
  t.deepEqual(sent, [])
  const next = read(segment(station, outside, [445, 40_001]))
  connections.mapped('h1', { ...mapped(syn), frame: segment(outside, station, [40_001, 445], syn) })
  t.false(connections.isGivenUp('h2', 9, next))
  clock.nowMs = 1999
  t.false(connections.isGivenUp('h2', 9, next))
  clock.nowMs = 2000
  t.true(connections.isGivenUp('h2', 9, next))
  t.is(sent.length, 2)
})

test('who goes on with what was another’s outside is reset as if from there', (t) => {
  for (const other of [{ address: number + 1n }, { tenant: 1 }] as { address?: bigint; tenant?: number }[]) {
    const { connections, sent } = setUp()
    connections.mapped('h1', mapped(syn))
    connections.mapped('h2', mapped(ack, other))
    t.like(sent, [{ host: 'h2', way: { inside: other.tenant ?? 2, gateway: 9 } }])
    const reset = read(sent[0]?.frame)
    t.like(reset, {
      ...{ source: station, destination: other.address ? '192.168.2.5' : '192.168.2.4', macDestination: mac },
      ports: { source: 443, destination: 40_000 },
    })
    t.is(reset.payload.toString('hex', 4, 14), '00000009' + '00000000' + '5004')
    t.is(connections.figures.displaced, 1)
  }
})

test('who takes up his own goes on, and who opens a connection has the port', (t) => {
  const { connections, sent } = setUp()
  connections.mapped('h1', mapped(ack))
  connections.mapped('h2', mapped(ack))
  connections.mapped('h2', mapped(syn, { address: number + 1n }))
  t.deepEqual(sent, [])
  t.false(connections.isGivenUp('h1', 9, read(segment(station, outside, [443, 40_001]))))
  t.is(read(sent[0]?.frame).destination, '192.168.2.5')
})

test('the oldest are forgotten when there are too many', (t) => {
  const { connections, sent } = setUp()
  for (let port = 0; port <= 0xffff; port++)
    connections.mapped('h1', { ...mapped(syn), frame: segment(outside, station, [port, 443], syn) })
  connections.mapped('h1', { ...mapped(syn), frame: segment(outside, station, [5, 444], syn) })
  t.is(connections.figures.known, 65_536)
  for (const port of [0, 1])
    t.false(connections.isGivenUp('h2', 9, read(segment(station, outside, [443, port]))))
  t.is(sent.length, 1)
  t.is(read(sent[0]?.frame).destination, '192.168.2.4')
})

test('what cannot be read is not noted', (t) => {
  const { connections } = setUp()
  connections.mapped('h1', { ...mapped(syn), frame: Buffer.from('nonsense') })
  t.is(connections.figures.known, 0)
})
