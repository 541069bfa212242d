import test from 'ava'
import fc from 'fast-check'
import { ipFrame } from '../../src/frames/headers.js'
import { type IpPacket, readPacket } from '../../src/frames/packet.js'
import { rejection } from '../../src/frames/rejection.js'
import { ethernet, icmp6, ipv4, ipv6, udp } from '../e2e/support/frames.js'

const sender = '0a:00:00:00:00:01'
const receiver = '0a:00:00:00:00:02'
const v4 = { src: '192.168.1.2', dst: '192.168.1.3' }
const v6 = { src: '2001:db8::2', dst: '2001:db8::3' }

const frame4 = (protocol: number, payload: Buffer, more = {}) =>
  ethernet(receiver, sender, 0x0800, ipv4({ ...v4, protocol, ...more }, payload))
const frame6 = (protocol: number, payload: Buffer, more = {}) =>
  ethernet(receiver, sender, 0x86dd, ipv6({ ...v6, protocol, ...more }, payload))

/** A segment from port 40000 to port 80. */
function tcp(flags: number, sequence: number, acknowledgement: number, data = ''): Buffer {
  const header = Buffer.from('9c40' + '0050' + '00000000' + '00000000' + '5000' + 'ffff' + '00000000', 'hex')
  header.writeUInt32BE(sequence, 4)
  header.writeUInt32BE(acknowledgement, 8)
  header.writeUInt8(flags, 13)
  return Buffer.concat([header, Buffer.from(data)])
}

/** The answer as the frame that its sender gets. */
function framed(packet: IpPacket): Buffer | undefined {
  const answer = rejection(packet)
  return answer && ipFrame(packet.macSource, packet.macDestination, answer)
}

function answerTo(frame: Buffer) {
  const packet = readPacket(frame)
  const answer = packet && framed(packet)
  return answer && readPacket(answer)
}

/** The ones' complement sum of the bytes: 0xffff where they contain their own checksum. */
function sumOf(...parts: readonly Buffer[]): number {
  const bytes = Buffer.concat(parts)
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2)
    sum += bytes.readUInt8(at) * 256 + (at + 1 < bytes.length ? bytes.readUInt8(at + 1) : 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

test('a SYN is answered by a reset, byte for byte (RFC 9293 §3.10.7.1)', (t) => {
  const packet = readPacket(frame4(6, tcp(0x02, 0x11223344, 0)))
  t.truthy(packet)
  t.is(
    packet && framed(packet)?.toString('hex'),
    // From where it was to go, back to the sender; do not fragment, TTL 64.
    '0a00000000010a00000000020800' +
      '45000028000040004006b77a' +
      'c0a80103c0a80102' +
      // Port 80 to port 40000, sequence 0, acknowledges the SYN, RST and ACK.
      '00509c400000000011223345' +
      '50140000' +
      '4b83' +
      '0000',
  )
})

for (const [name, segment, sequence, acknowledgement, flags] of [
  ['SYN', tcp(0x02, 1000, 0), 0, 1001, 0x14],
  ['SYN with data', tcp(0x02, 1000, 0, 'abc'), 0, 1004, 0x14],
  ['FIN with data', tcp(0x01, 1000, 0, 'abc'), 0, 1004, 0x14],
  ['data without ACK', tcp(0x08, 1000, 77, 'abcd'), 0, 1004, 0x14],
  ['SYN at the end of the sequence space', tcp(0x02, 0xffffffff, 0), 0, 0, 0x14],
  ['data with ACK', tcp(0x18, 1000, 5000, 'abc'), 5000, 0, 0x04],
  ['SYN and ACK', tcp(0x12, 1000, 5000), 5000, 0, 0x04],
  ['FIN and ACK', tcp(0x11, 1000, 0xfffffff0), 0xfffffff0, 0, 0x04],
] as const)
  test(`sequence, acknowledgement and flags of the reset for ${name}`, (t) => {
    for (const frame of [frame4(6, segment), frame6(6, segment)]) {
      const { payload, ports, source, destination } = answerTo(frame) ?? {}
      t.truthy(payload)
      t.deepEqual(ports, { source: 80, destination: 40000 })
      t.deepEqual(
        [source, destination],
        source?.includes(':') ? ['2001:db8::3', '2001:db8::2'] : ['192.168.1.3', '192.168.1.2'],
      )
      t.is(payload?.readUInt32BE(4), sequence)
      t.is(payload?.readUInt32BE(8), acknowledgement)
      t.is(payload?.readUInt8(13), flags)
    }
  })

test('checksums of the answers are right', (t) => {
  for (const frame of [
    frame4(6, tcp(0x02, 1, 0)),
    frame4(17, udp(1, 2)),
    frame4(17, udp(1, 2, Buffer.from('odd'))),
  ]) {
    const answer = answerTo(frame)
    if (!answer) return t.fail()
    const { bytes, payload, protocol } = answer
    t.is(sumOf(bytes.subarray(0, 20)), 0xffff)
    const pseudo = Buffer.from([0, protocol, payload.length >>> 8, payload.length])
    t.is(protocol === 6 ? sumOf(bytes.subarray(12, 20), pseudo, payload) : sumOf(payload), 0xffff)
  }
  for (const frame of [frame6(6, tcp(0x02, 1, 0)), frame6(17, udp(1, 2, Buffer.from('odd')))]) {
    const answer = answerTo(frame)
    if (!answer) return t.fail()
    const { bytes, payload, protocol } = answer
    const pseudo = Buffer.from([0, 0, payload.length >>> 8, payload.length, 0, 0, 0, protocol])
    t.is(sumOf(bytes.subarray(8, 40), pseudo, payload), 0xffff)
  }
})

test('everything else is answered by "administratively prohibited", with the packet', (t) => {
  for (const frame of [frame4(17, udp(4000, 53)), frame4(132, udp(4000, 53)), frame4(47, Buffer.alloc(4))]) {
    const answer = answerTo(frame)
    t.like(answer, { protocol: 1, icmp: { type: 3, code: 13 }, source: '192.168.1.3' })
    t.deepEqual(answer?.payload.subarray(8), readPacket(frame)?.bytes)
  }
  const frame = frame6(17, udp(4000, 53))
  const answer = answerTo(frame)
  t.like(answer, { protocol: 58, icmp: { type: 1, code: 1 }, source: '2001:db8::3' })
  t.deepEqual(answer?.payload.subarray(8), readPacket(frame)?.bytes)
})

test('of a large packet it has as much as an answer may', (t) => {
  const large = udp(4000, 53, Buffer.alloc(1400, 'x'))
  t.is(answerTo(frame4(17, large))?.bytes.length, 576)
  t.is(answerTo(frame6(17, large))?.bytes.length, 1280)
})

test('pings are answered, ICMP errors never', (t) => {
  const icmp = (type: number) => Buffer.from([type, 0, 0, 0, 0, 0, 0, 0])
  t.like(answerTo(frame4(1, icmp(8))), { icmp: { type: 3, code: 13 } })
  for (const type of [3, 4, 5, 11, 12]) t.is(answerTo(frame4(1, icmp(type))), undefined)
  const message6 = (type: number) =>
    ethernet(receiver, sender, 0x86dd, icmp6(v6.src, v6.dst, type, Buffer.alloc(4)))
  t.like(answerTo(message6(128)), { icmp: { type: 1, code: 1 } })
  for (const type of [1, 2, 3, 4, 100, 127, 137]) t.is(answerTo(message6(type)), undefined)
})

test('no answer to resets, later fragments, groups, and to who cannot be answered', (t) => {
  t.is(answerTo(frame4(6, tcp(0x04, 1, 0))), undefined)
  t.is(answerTo(frame4(6, tcp(0x14, 1, 0))), undefined)
  t.is(answerTo(frame4(6, tcp(0x02, 1, 0).subarray(0, 19))), undefined)
  const later = frame4(17, udp(4000, 53))
  later.writeUInt16BE(5, 20)
  t.is(answerTo(later), undefined)
  for (const more of [
    { dst: '224.0.0.251' },
    { dst: '255.255.255.255' },
    { src: '0.0.0.0' },
    { src: '127.0.0.1' },
    { src: '239.1.1.1' },
  ])
    t.is(answerTo(frame4(17, udp(1, 2), more)), undefined, JSON.stringify(more))
  for (const more of [{ dst: 'ff02::fb' }, { src: '::' }, { src: '::1' }, { src: 'ff02::1' }])
    t.is(answerTo(frame6(17, udp(1, 2), more)), undefined, JSON.stringify(more))
  const toAll = ethernet('ff:ff:ff:ff:ff:ff', sender, 0x0800, ipv4({ ...v4, protocol: 17 }, udp(1, 2)))
  t.is(answerTo(toAll), undefined)
})

test('an answer never is answered, and no packet makes it throw', (t) => {
  const packet = fc.tuple(
    fc.constantFrom(frame4, frame6),
    fc.constantFrom(1, 6, 17, 44, 47, 58, 132),
    fc.uint8Array({ minLength: 0, maxLength: 80 }),
  )
  let answered = 0
  fc.assert(
    fc.property(packet, ([frame, protocol, payload]) => {
      const read = readPacket(frame(protocol, Buffer.from(payload)))
      const answer = read && framed(read)
      if (!answer) return
      answered++
      const back = readPacket(answer)
      t.truthy(back)
      t.is(back && framed(back), undefined)
    }),
    { numRuns: 3000 },
  )
  t.true(answered > 100)
})
