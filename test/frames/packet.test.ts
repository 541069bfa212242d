import test from 'ava'
import fc from 'fast-check'
import { readPacket } from '../../src/frames/packet.js'
import { ethernet, icmp6, ipv4, ipv6, udp } from '../e2e/support/frames.js'

const macs = ['0a:00:00:00:00:02', '0a:00:00:00:00:01'] as const
const v4 = { src: '192.168.1.2', dst: '192.168.1.3', protocol: 17 }
const v6 = { src: '2001:db8::2', dst: '2001:db8::3', protocol: 17 }
const frame4 = (packet: Buffer) => ethernet(...macs, 0x0800, packet)
const frame6 = (packet: Buffer) => ethernet(...macs, 0x86dd, packet)

test('a datagram over IPv4, without the frame’s padding', (t) => {
  const packet = readPacket(frame4(ipv4(v4, udp(4000, 53))))
  t.like(packet, {
    macSource: '0a:00:00:00:00:01',
    macDestination: '0a:00:00:00:00:02',
    source: '192.168.1.2',
    destination: '192.168.1.3',
    protocol: 17,
    isLaterFragment: false,
    ports: { source: 4000, destination: 53 },
  })
  t.is(packet?.bytes.length, 20 + 8 + 5)
  t.deepEqual(packet?.payload, udp(4000, 53))
})

test('options of IPv4 are not the payload', (t) => {
  const plain = ipv4(v4, udp(4000, 53))
  const packet = Buffer.concat([plain.subarray(0, 20), Buffer.from([1, 1, 1, 0]), plain.subarray(20)])
  packet.writeUInt8(0x46)
  packet.writeUInt16BE(packet.length, 2)
  t.deepEqual(readPacket(frame4(packet))?.ports, { source: 4000, destination: 53 })
})

test('a fragment has ports only if it is the first', (t) => {
  const fragment = (field: number) => {
    const packet = ipv4(v4, udp(4000, 53))
    packet.writeUInt16BE(field, 6)
    return readPacket(frame4(packet))
  }
  t.like(fragment(0x2000), { isLaterFragment: false, ports: { source: 4000, destination: 53 } })
  t.like(fragment(0x2001), { isLaterFragment: true, ports: undefined, protocol: 17 })
  t.like(fragment(0x0001), { isLaterFragment: true, ports: undefined })
})

test('IPv6: the payload stands behind extension headers', (t) => {
  const hopByHop = Buffer.from([60, 0, 1, 4, 0, 0, 0, 0])
  const options = Buffer.from([51, 1, 1, 12, ...Buffer.alloc(12)])
  const authentication = Buffer.from([44, 4, ...Buffer.alloc(22)])
  const first = Buffer.from([17, 0, 0, 1, 0, 0, 0, 9])
  const chain = Buffer.concat([hopByHop, options, authentication, first, udp(4000, 53)])
  const packet = readPacket(frame6(ipv6({ ...v6, protocol: 0 }, chain)))
  t.like(packet, { protocol: 17, isLaterFragment: false, ports: { source: 4000, destination: 53 } })
  t.deepEqual(packet?.payload, udp(4000, 53))
  const later = Buffer.from([17, 0, 0, 9, 0, 0, 0, 9, 1, 2, 3])
  t.like(readPacket(frame6(ipv6({ ...v6, protocol: 44 }, later))), {
    protocol: 17,
    isLaterFragment: true,
    ports: undefined,
  })
})

test('ICMP has a type and a code', (t) => {
  const unreachable = icmp6('2001:db8::2', '2001:db8::3', 1, Buffer.alloc(8))
  t.deepEqual(readPacket(frame6(unreachable))?.icmp, { type: 1, code: 0 })
  const tooBig = ipv4({ ...v4, protocol: 1 }, Buffer.from([3, 4, 0, 0, 0, 0, 0, 0]))
  t.deepEqual(readPacket(frame4(tooBig))?.icmp, { type: 3, code: 4 })
})

test('what else can be in a frame is no IP packet', (t) => {
  t.is(readPacket(ethernet(...macs, 0x0806, Buffer.alloc(28))), undefined)
  t.is(readPacket(ethernet(...macs, 0x86dd, ipv4(v4, udp(1, 2)))), undefined)
  t.is(readPacket(Buffer.alloc(0)), undefined)
})

test('a frame that is cut short anywhere says nothing', (t) => {
  const chain = Buffer.concat([Buffer.from([17, 0, 1, 4, 0, 0, 0, 0]), udp(4000, 53)])
  for (const [type, packet] of [
    [0x0800, ipv4(v4, udp(4000, 53))],
    [0x86dd, ipv6({ ...v6, protocol: 0 }, chain)],
  ] as const) {
    const frame = ethernet(...macs, type, packet).subarray(0, 14 + packet.length)
    t.truthy(readPacket(frame))
    for (let length = 0; length < frame.length; length++)
      t.is(readPacket(frame.subarray(0, length)), undefined)
  }
})

test('lengths that contradict each other say nothing', (t) => {
  const extension = ipv6({ ...v6, protocol: 0 }, Buffer.from([17, 200, 0, 0, 0, 0, 0, 0]))
  t.is(readPacket(frame6(extension)), undefined)
  const short = ipv4(v4, udp(1, 2))
  short.writeUInt8(0x44)
  t.is(readPacket(frame4(short)), undefined)
  const noPorts = ipv4(v4, Buffer.alloc(3))
  t.is(readPacket(frame4(noPorts)), undefined)
})

test('no frame makes it throw', (t) => {
  const head = fc.constantFrom('0a00000000020a000000000108004', '0a00000000020a0000000001' + '86dd6')
  const frame = fc
    .tuple(head, fc.uint8Array({ minLength: 0, maxLength: 120 }))
    .map(([start, rest]) => Buffer.from(`${start}${Buffer.from(rest).toString('hex')}0`, 'hex'))
  fc.assert(
    fc.property(frame, (bytes) => {
      const packet = readPacket(bytes)
      if (packet) t.true(packet.bytes.length <= bytes.length - 14)
    }),
    { numRuns: 5000 },
  )
  t.pass()
})
