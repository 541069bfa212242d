import test from 'ava'
import { DecodeError, EncodeError, Reader, Writer } from '../../src/openflow/bytes.js'
import { decodeMatch, encodeMatch, type Match, type Version } from '../../src/openflow/flow.js'
import { matchValues } from '../support/flow-values.js'

function hex(match: Match, version: Version = 6): string {
  const w = new Writer()
  encodeMatch(w, match, version)
  return w.view().toString('hex')
}

function decode(bytes: string, version: Version = 6): Match {
  const r = new Reader(Buffer.from(bytes, 'hex'))
  const match = decodeMatch(r, version)
  if (r.remaining > 0) throw new Error(`${r.remaining} bytes left`)
  return match
}

test('an empty match is a header and padding', (t) => {
  t.is(hex({}), '0001000400000000')
  t.deepEqual(decode('0001000400000000'), {})
})

test('fields stand in the order of Open vSwitch, whatever the order of keys', (t) => {
  const match: Match = { ipv4Dst: '10.0.0.0/8', ethType: 0x800, inPort: 1 }
  const reversed: Match = { inPort: 1, ethType: 0x800, ipv4Dst: '10.0.0.0/8' }
  t.is(hex(match), '0001001e800000040000000180000a0208008000190' + '80a000000ff0000000000')
  t.is(hex(reversed), hex(match))
})

test('registers go in pairs in OpenFlow 1.5 and alone before', (t) => {
  t.is(hex({ reg1: 2, reg0: 1 }, 6), '00010010800100080000000100000002')
  t.is(hex({ reg1: 2, reg0: 1 }, 5), '00010014000100040000000100010204' + '0000000200000000')
  t.deepEqual(decode(hex({ reg1: 2 }, 6)), { reg1: 2 })
  t.deepEqual(decode(hex({ xxreg0: { value: 7n, mask: 0xffn } }, 6)), { reg3: { value: 7, mask: 0xff } })
})

test('the same thing said differently is the same bytes', (t) => {
  const same: readonly (readonly [Match, Match])[] = [
    [{ xreg0: 0x100000002n }, { reg0: 1, reg1: 2 }],
    [{ vlanTci: { value: 0, mask: 0x1fff } }, { vlanVid: 0 }],
    [{ vlanTci: 0x7064 }, { vlanVid: 0x1064, vlanPcp: 3 }],
    [
      { ethType: 0x800, nwTos: 32 },
      { ethType: 0x800, ipDscp: 8 },
    ],
    [{ packetType: 0, ethType: 0x800 }, { ethType: 0x800 }],
    [{ packetType: 0, ipv4Dst: '10.0.0.1/0' }, { packetType: 0 }],
    [{ tunnelId: { value: 0xfffn, mask: 0xffn } }, { tunnelId: { value: 0xffn, mask: 0xffn } }],
    [{ metadata: { value: 5n, mask: 0xffffffffffffffffn } }, { metadata: 5n }],
    [{ ctState: 0x21 }, { ctState: { value: 0x21, mask: 0xff } }],
    [
      { ethType: 0x86dd, ipv6Dst: '2001:DB8::1/32' },
      { ethType: 0x86dd, ipv6Dst: '2001:db8::/ffff:ffff::' },
    ],
  ]
  for (const [one, other] of same)
    for (const version of [4, 5, 6] as const) t.is(hex(one, version), hex(other, version))
})

test('every match decodes to one that encodes to the same bytes', (t) => {
  for (const match of matchValues)
    for (const version of [4, 5, 6] as const) {
      const bytes = hex(match, version)
      t.is(hex(decode(bytes, version), version), bytes)
    }
})

test('fields that nobody knows survive', (t) => {
  const bytes = '0001000c' + '8000fe0401020304' + '00000000'
  const match = decode(bytes)
  t.deepEqual(
    match.unknown?.map((field) => Buffer.from(field).toString('hex')),
    ['8000fe0401020304'],
  )
  t.is(hex(match), bytes)
})

test('values that do not fit are refused', (t) => {
  const wrong: readonly Match[] = [
    { inPort: -1 },
    { ethType: 0x10000 },
    { reg0: 1.5 },
    { metadata: 1n << 64n },
    { ipv4Dst: '10.0.0' },
    { ipv4Dst: '10.0.0.1/33' },
    { ipv6Dst: '1::2::3' },
    { ethDst: '00:11:22:33:44' },
  ]
  for (const match of wrong) t.throws(() => hex(match), { instanceOf: EncodeError })
})

test('malformed bytes are a decode error', (t) => {
  const wrong = [
    '0000000400000000',
    '00010003',
    '0001000880000a02',
    '0001000b80000a0308000000',
    '0001000a80000a0508000000',
    '0001001080000a02080080000a0208060000',
    '00010008ffff0002',
    '0001000b80000b0308000000',
  ]
  for (const bytes of wrong) t.throws(() => decode(bytes), { instanceOf: DecodeError }, bytes)
})
