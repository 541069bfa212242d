import test from 'ava'
import { checksumWithAddresses } from '../../src/frames/headers.js'
import { readPacket } from '../../src/frames/packet.js'
import { redirected } from '../../src/frames/redirected.js'
import { ethernet, ipv4, ipv6, udp } from '../e2e/support/frames.js'

const macs = ['0a:00:00:00:00:01', '0a:00:00:00:00:02'] as const
const segment = Buffer.concat([
  Buffer.from('01bb9c4000000007000000095018ffff' + 'beef' + '0000', 'hex'),
  Buffer.from('some data'),
])

test('a segment is for another station and port, with a right checksum, and says the same', (t) => {
  for (const [src, dst, to] of [
    ['198.51.100.9', '203.0.113.70', '192.168.1.3'],
    ['2001:db8:9::9', '2001:db8:f::70', '2001:db8:1::3'],
  ] as const) {
    const four = src.includes('.')
    const ip = (four ? ipv4 : ipv6)({ src, dst, protocol: 6 }, segment)
    const packet = readPacket(ethernet(...macs, four ? 0x0800 : 0x86dd, ip))
    const other = packet && redirected(packet, to, 4001)
    const again = other && readPacket(ethernet(...macs, four ? 0x0800 : 0x86dd, other.bytes))
    t.like(again, { source: src, destination: to, ports: { source: 443, destination: 4001 } })
    t.deepEqual(again?.payload.subarray(4, 16), segment.subarray(4, 16))
    t.deepEqual(again?.payload.subarray(18), segment.subarray(18))
    // The sum over a segment with its right checksum is zero (RFC 1071 §1).
    const header = { source: src, destination: to, protocol: 6, hops: 1 }
    t.is(checksumWithAddresses(header, again?.payload ?? segment), 0)
    t.is(packet?.destination, dst)
  }
})

test('nothing but TCP is', (t) => {
  for (const [protocol, payload] of [
    [17, udp(4000, 53)],
    [6, segment.subarray(0, 12)],
  ] as const) {
    const ip = ipv4({ src: '198.51.100.9', dst: '203.0.113.70', protocol }, payload)
    const packet = readPacket(ethernet(...macs, 0x0800, ip))
    t.is(packet && redirected(packet, '192.168.1.3', 80), undefined)
  }
})
