import test from 'ava'
import fc from 'fast-check'
import { readPacket } from '../../src/frames/packet.js'
import { type Advertisement, advertisementFrame } from '../../src/router-advertisements/advertisement.js'
import { isSolicitation } from '../../src/router-advertisements/solicitation.js'
import { captured } from '../support/station-frames.js'

const router = { mac: '02:73:6c:00:00:01', address: 'fe80::73:6cff:fe00:1' }
const station = { mac: '0a:00:00:00:00:02', address: 'fe80::800:ff:fe00:2' }

const stateful: Advertisement = {
  isManaged: true,
  hasOther: true,
  routerLifetime: 65_535,
  subnet6: '2001:db8:2::/64',
  isAutonomous: false,
  mtu: 1450,
  dnsServers: ['2001:db8:2::1'],
  domains: ['lan.b.internal'],
}

const prefix = '030440' + '80' + '00278d0000093a8000000000' + '20010db8000200000000000000000000'
const servers = '19030000' + '0000ffff' + '20010db8000200000000000000000001'
const domains = '1f030000' + '0000ffff' + '036c616e016208696e7465726e616c00'

/** The ICMPv6 message of an advertisement, from behind its checksum on. */
function said(advertisement: Advertisement): string {
  return advertisementFrame(advertisement, router, station).subarray(58).toString('hex')
}

test('an advertisement, byte for byte (RFC 4861 §4.2)', (t) => {
  t.is(
    advertisementFrame(stateful, router, station).toString('hex'),
    '0a000000000202736c00000186dd' +
      '6000000000703aff' +
      'fe8000000000000000736cfffe000001' +
      'fe80000000000000080000fffe000002' +
      '8600935b' +
      '40c0ffff0000000000000000' +
      '010102736c000001' +
      '05010000000005aa' +
      prefix +
      servers +
      domains,
  )
})

test('its checksum is right', (t) => {
  const packet = readPacket(advertisementFrame(stateful, router, station))
  if (!packet) return t.fail()
  const bytes = Buffer.concat([
    packet.bytes.subarray(8, 40),
    Buffer.from([0, 0, 0, packet.payload.length, 0, 0, 0, 58]),
    packet.payload,
  ])
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  t.is(sum, 0xffff)
})

test('flags say how a station gets its address', (t) => {
  t.true(said({ ...stateful, isManaged: false }).startsWith('4040ffff'))
  t.true(said({ ...stateful, isManaged: false, hasOther: false }).startsWith('4000ffff'))
  t.true(said({ ...stateful, isAutonomous: true }).includes('030440c0'))
  t.true(said({ ...stateful, routerLifetime: 0 }).startsWith('40c00000'))
})

test('what there is not to be said is left out', (t) => {
  const bare = said({ ...stateful, dnsServers: [], domains: [], mtu: 1000 })
  t.is(bare, `40c0ffff0000000000000000010102736c000001${prefix}`)
})

test('it fits the smallest packet, whatever it says', (t) => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(4), fc.integer({ min: 1, max: 20 }), (count, names, labels) => {
      const frame = advertisementFrame(
        {
          ...stateful,
          dnsServers: Array.from({ length: count }, (_, n) => `2001:db8::${n + 1}`),
          domains: Array.from({ length: names }, () => Array(labels).fill('eleven-long').join('.')),
        },
        router,
        station,
      )
      t.true(frame.length <= 14 + 1280)
      const packet = readPacket(frame)
      for (let at = 16; packet && at < packet.payload.length; ) {
        const units = packet.payload.readUInt8(at + 1)
        t.true(units > 0 && at + 8 * units <= packet.payload.length)
        at += 8 * units
      }
    }),
  )
})

const solicitation = captured.routerSolicitation

const solicits = (hex: string): boolean => {
  const packet = readPacket(Buffer.from(hex, 'hex'))
  return packet !== undefined && isSolicitation(packet)
}

test('a router solicitation is told from what is none', (t) => {
  t.true(solicits(solicitation))
  // Without its option, from nobody.
  const bare = solicitation.replace('00103aff', '00083aff').slice(0, -16)
  t.true(solicits(bare))
  const nobody = 'fe80000000000000080000fffe000002'
  t.true(solicits(bare.replace(nobody, '0'.repeat(32))))
  for (const wrong of [
    // From nobody with an address; a hop away; another code; another message; option of length zero; cut option.
    solicitation.replace(nobody, '0'.repeat(32)),
    solicitation.replace('103aff', '103afe'),
    solicitation.replace('85006b2a', '85016b2a'),
    solicitation.replace('85006b2a', '86006b2a'),
    solicitation.replace('01010a00', '01000a00'),
    solicitation.replace('01010a00', '01020a00'),
    bare.replace('00083aff', '00043aff').slice(0, -8),
  ])
    t.false(solicits(wrong), wrong)
})

test('any bytes are a solicitation or none', (t) => {
  const whole = Buffer.from(solicitation, 'hex')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 }),
      fc.uint8Array({ maxLength: 60 }),
      (changes, more) => {
        const frame = Buffer.concat([whole, more])
        for (const [at, byte] of changes) frame.writeUInt8(byte, at)
        t.notThrows(() => solicits(frame.toString('hex')))
      },
    ),
    { numRuns: 3000 },
  )
})
