import test from 'ava'
import { readPacket } from '../../src/frames/packet.js'
import { isOpening } from '../../src/frames/tcp-flags.js'
import { ethernet, ipv4 } from '../e2e/support/frames.js'

const station = { src: '192.168.1.3', dst: '198.51.100.9' }
const frameOf = (payload: Buffer, protocol = 6) =>
  readPacket(
    ethernet('0a:00:00:00:00:01', '0a:00:00:00:00:02', 0x0800, ipv4({ ...station, protocol }, payload)),
  )
const segment = (flags: number) => Buffer.from([...Buffer.alloc(12), 0x50, flags, ...Buffer.alloc(6)])

test('SYN without ACK asks for a connection, nothing else does', (t) => {
  for (const [payload, protocol, is] of [
    [segment(0x02), 6, true],
    [segment(0xc2), 6, true],
    [segment(0x12), 6, false],
    [segment(0x10), 6, false],
    [segment(0x04), 6, false],
    [segment(0x02), 17, false],
    [segment(0x02).subarray(0, 13), 6, false],
  ] as const) {
    const packet = frameOf(payload, protocol)
    t.is(packet && isOpening(packet), is, payload.toString('hex'))
  }
})
