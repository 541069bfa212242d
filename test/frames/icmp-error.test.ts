import test from 'ava'
import fc from 'fast-check'
import { ipFrame } from '../../src/frames/headers.js'
import { icmpError, type Problem } from '../../src/frames/icmp-error.js'
import { type IpPacket, readPacket } from '../../src/frames/packet.js'
import { ethernet, ipv4, ipv6, udp } from '../e2e/support/frames.js'

const sender = '0a:00:00:00:00:01'
const receiver = '0a:00:00:00:00:02'
const v4 = { src: '192.168.1.2', dst: '198.51.100.3' }
const v6 = { src: '2001:db8::2', dst: '2001:db8:1::3' }
const router = { 4: '192.168.1.1', 6: '2001:db8::1' } as const

function packetIn(frame: Buffer): IpPacket {
  const packet = readPacket(frame)
  if (!packet) throw new Error('no packet')
  return packet
}

const packet4 = (payload = udp(4000, 53)) =>
  packetIn(ethernet(receiver, sender, 0x0800, ipv4({ ...v4, protocol: 17 }, payload)))
const packet6 = (payload = udp(4000, 53), protocol = 17) =>
  packetIn(ethernet(receiver, sender, 0x86dd, ipv6({ ...v6, protocol }, payload)))

function read(answer: Buffer | undefined): IpPacket | undefined {
  return answer && readPacket(ipFrame(sender, receiver, answer))
}

/** The ones' complement sum of the bytes: 0xffff where they contain their own checksum. */
function sumOf(...parts: readonly Buffer[]): number {
  const bytes = Buffer.concat([...parts, Buffer.alloc(Buffer.concat(parts).length % 2)])
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

test('hops used up, byte for byte (RFC 792)', (t) => {
  const answer = icmpError(packet4(udp(4000, 53, Buffer.from('hi'))), {
    problem: 'hopsExceeded',
    source: router[4],
  })
  t.is(
    answer?.toString('hex'),
    '45c0003a00004000400' +
      '1b6afc0a80101c0a80102' +
      '0b007cb700000000' +
      '4500001e0000000040118eeec0a80102c6336403' +
      '0fa00035000a0000' +
      '6869',
  )
})

for (const [problem, four, six] of [
  ['noRoute', [3, 0], [1, 0]],
  ['noHost', [3, 1], [1, 3]],
  ['noPort', [3, 3], [1, 4]],
  ['prohibited', [3, 13], [1, 1]],
  ['tooLarge', [3, 4], [2, 0]],
  ['hopsExceeded', [11, 0], [3, 0]],
] as const satisfies readonly (readonly [Problem, readonly number[], readonly number[]])[])
  test(`type and code of ${problem}, from the router to the sender, with right checksums`, (t) => {
    const mtu = 1442
    for (const [packet, [type, code], source] of [
      [packet4(), four, router[4]],
      [packet4(udp(1, 2, Buffer.alloc(1401, 'x'))), four, router[4]],
      [packet6(), six, router[6]],
      [packet6(udp(1, 2, Buffer.alloc(1401, 'x'))), six, router[6]],
    ] as const) {
      const answer = read(icmpError(packet, { problem, source, ...(problem === 'tooLarge' && { mtu }) }))
      t.like(answer, { source, destination: packet.source, icmp: { type, code } })
      if (!answer) return
      const { payload, bytes } = answer
      t.is(payload.readUInt32BE(4), problem === 'tooLarge' ? mtu : 0)
      t.deepEqual(payload.subarray(8), packet.bytes.subarray(0, payload.length - 8))
      if (source === router[4]) {
        t.is(sumOf(bytes.subarray(0, 20)), 0xffff)
        t.is(sumOf(payload), 0xffff)
        t.true(bytes.length === 576 || bytes.length === 28 + packet.bytes.length)
      } else {
        const pseudo = Buffer.from([0, 0, payload.length >>> 8, payload.length & 0xff, 0, 0, 0, 58])
        t.is(sumOf(bytes.subarray(8, 40), pseudo, payload), 0xffff)
        t.true(bytes.length === 1280 || bytes.length === 48 + packet.bytes.length)
      }
    }
  })

test('the first fragment is quoted as the whole datagram, which conntrack can translate', (t) => {
  const first = ethernet(receiver, sender, 0x0800, ipv4({ ...v4, protocol: 17 }, udp(4000, 53)))
  first.writeUInt16BE(0x2000, 20)
  const quoted = read(
    icmpError(packetIn(first), { problem: 'tooLarge', source: router[4] }),
  )?.payload.subarray(8)
  t.is(quoted?.readUInt16BE(6), 0)
  t.is(sumOf(quoted?.subarray(0, 20) ?? Buffer.alloc(0)), 0xffff)
  const fragment = Buffer.concat([Buffer.from('1100000112345678', 'hex'), udp(4000, 53)])
  const packet = packet6(fragment, 44)
  t.is(packet.fragmentHeader, 40)
  const quoted6 = read(icmpError(packet, { problem: 'tooLarge', source: router[6] }))?.payload.subarray(8)
  t.is(quoted6?.toString('hex', 40, 48), '1100000012345678')
  t.is(packet.bytes.toString('hex', 40, 48), '1100000112345678', 'the packet itself stays as it is')
})

test('later fragments are not told of', (t) => {
  const later = ethernet(receiver, sender, 0x0800, ipv4({ ...v4, protocol: 17 }, udp(4000, 53)))
  later.writeUInt16BE(0x2005, 20)
  t.is(icmpError(packetIn(later), { problem: 'tooLarge', source: router[4] }), undefined)
  const later6 = Buffer.concat([Buffer.from('1100000812345678', 'hex'), udp(4000, 53)])
  t.is(icmpError(packet6(later6, 44), { problem: 'tooLarge', source: router[6] }), undefined)
})

test('no answer is answered, and no packet makes it throw', (t) => {
  const frames = fc
    .tuple(fc.boolean(), fc.constantFrom(0, 1, 6, 17, 43, 44, 51, 58, 60), fc.uint8Array({ maxLength: 90 }))
    .map(([six, protocol, payload]) =>
      six
        ? ethernet(receiver, sender, 0x86dd, ipv6({ ...v6, protocol }, Buffer.from(payload)))
        : ethernet(receiver, sender, 0x0800, ipv4({ ...v4, protocol }, Buffer.from(payload))),
    )
  let answered = 0
  fc.assert(
    fc.property(frames, (frame) => {
      const packet = readPacket(frame)
      if (!packet) return
      const source = packet.source.includes(':') ? router[6] : router[4]
      const answer = read(icmpError(packet, { problem: 'tooLarge', source, mtu: 1280 }))
      if (!answer) return
      answered++
      t.is(icmpError(answer, { problem: 'noHost', source }), undefined)
    }),
    { numRuns: 2000 },
  )
  t.true(answered > 100)
})
