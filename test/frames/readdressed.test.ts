import test from 'ava'
import { type IpPacket, readPacket } from '../../src/frames/packet.js'
import { readdressed } from '../../src/frames/readdressed.js'
import { ethernet, ipv4, ipv6, udp } from '../e2e/support/frames.js'

function packetOf(payload: Buffer, protocol = 17): IpPacket {
  const ip = ipv6({ src: '2001:db8::2', dst: '2001:db8:1::3', protocol }, payload)
  const packet = readPacket(ethernet('0a:00:00:00:00:02', '0a:00:00:00:00:01', 0x86dd, ip))
  if (!packet) throw new Error('no packet')
  return packet
}

test('the destination becomes another, and the rest stays', (t) => {
  const packet = packetOf(udp(4000, 53))
  const other = readdressed(packet, '2001:db8:f::9')
  t.is(other.destination, '2001:db8:f::9')
  t.is(other.bytes.toString('hex', 24, 40), '20010db8000f00000000000000000009')
  t.deepEqual(other.bytes.subarray(0, 24), packet.bytes.subarray(0, 24))
  t.deepEqual(other.payload, packet.payload)
  t.is(packet.bytes.toString('hex', 24, 40), '20010db8000100000000000000000003')
})

test('so does the port, also behind a fragment header, and only where there is one', (t) => {
  const fragment = Buffer.concat([Buffer.from('1100000112345678', 'hex'), udp(4000, 53)])
  for (const [packet, at] of [
    [packetOf(udp(4000, 53)), 42],
    [packetOf(fragment, 44), 50],
  ] as const)
    t.is(readdressed(packet, '2001:db8:f::9', 10_053).bytes.readUInt16BE(at), 10_053)
  const ping = packetOf(Buffer.from([128, 0, 0, 0, 0, 1, 0, 2]), 58)
  t.deepEqual(readdressed(ping, '2001:db8:f::9', 80).payload, ping.payload)
})

test('an IPv4 header keeps a right checksum', (t) => {
  const ip = ipv4({ src: '198.51.100.9', dst: '192.168.1.3', protocol: 17 }, udp(4000, 53))
  const packet = readPacket(ethernet('0a:00:00:00:00:02', '0a:00:00:00:00:01', 0x0800, ip))
  if (!packet) return t.fail()
  const { bytes } = readdressed(packet, '203.0.113.12', 10_053)
  const expected = ipv4({ src: '198.51.100.9', dst: '203.0.113.12', protocol: 17 }, udp(4000, 10_053))
  t.deepEqual(bytes, expected)
})
