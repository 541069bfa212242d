import test from 'ava'
import fc from 'fast-check'
import { bitRuns, portMatches } from '../../../flows/policy/ports.js'

test('runs of bits match the ports of a range, each once, and no others', (t) => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.nat(65_535), fc.nat(65_535), (a, b, port) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)]
      const runs = bitRuns(first, last)
      t.true(runs.length <= 30)
      for (const probe of [port, first, last, first - 1, last + 1]) {
        const count = runs.filter(
          ({ value, mask }) => (probe & mask) === value && probe >= 0 && probe < 65_536,
        ).length
        t.is(count, probe >= first && probe <= last ? 1 : 0)
      }
    }),
  )
  t.deepEqual(bitRuns(8000, 8009), [
    { value: 8000, mask: 0xfff8 },
    { value: 8008, mask: 0xfffe },
  ])
  t.deepEqual(bitRuns(0, 65_535), [{ value: 0, mask: 0 }])
})

/** The first fragment of a datagram of a protocol, turned around, as conntrack knows it. */
const fragment = (ipProto: number) => ({
  ctZone: 0x8000,
  ctState: { value: 0x20, mask: 0x30 },
  ctNwProto: ipProto,
})

test('a protocol is matched in the IP versions that have it', (t) => {
  t.deepEqual(portMatches({ protocol: 'tcp' }), [
    { ethType: 0x0800, ipProto: 6 },
    { ethType: 0x86dd, ipProto: 6 },
  ])
  t.deepEqual(portMatches({ protocol: 'icmp6' }), [{ ethType: 0x86dd, ipProto: 58 }])
})

test('fragments show port 0: they are matched by the port of their connection', (t) => {
  const run = { value: 0, mask: 0xfffe }
  const whole = { ipFrag: { value: 0, mask: 1 }, tcpDst: run }
  t.deepEqual(portMatches({ protocol: 'tcp', range: [0, 1] }), [
    { ethType: 0x0800, ipProto: 6, ...whole },
    { ethType: 0x86dd, ipProto: 6, ...whole },
    { ...fragment(6), ctTpDst: run },
  ])
  t.deepEqual(portMatches({ protocol: 'icmp', range: [8, 8] }), [
    { ethType: 0x0800, ipProto: 1, icmpv4Type: 8 },
    { ...fragment(1), ctTpSrc: 8 },
  ])
})

test('datagrams to a port, and those from it about which rules are asked as answers', (t) => {
  const asked = (value: bigint) => ({ metadata: { value: value << 32n, mask: 1n << 32n } })
  const port = { value: 53, mask: 0xffff }
  t.deepEqual(portMatches({ protocol: 'udp', range: [53, 53] }), [
    { ethType: 0x0800, ipProto: 17, ...asked(0n), udpDst: port },
    { ethType: 0x86dd, ipProto: 17, ...asked(0n), udpDst: port },
    { ethType: 0x0800, ipProto: 17, ...asked(1n), udpSrc: port },
    { ethType: 0x86dd, ipProto: 17, ...asked(1n), udpSrc: port },
    { ...fragment(17), ctTpDst: port },
  ])
})
