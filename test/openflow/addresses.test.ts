import { isIPv4, isIPv6 } from 'node:net'
import test from 'ava'
import fc from 'fast-check'
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  parseIpv4,
  parseIpv6,
  parseMac,
  prefixLength,
  prefixLength6,
  prefixMask,
  prefixMask6,
} from '../../src/openflow/addresses.js'

test('IPv6 addresses are written as inet_ntop does', (t) => {
  const canonical = [
    ['::', '::'],
    ['::1', '::1'],
    ['0:0:1::', '0:0:1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::a00:1', '::10.0.0.1'],
    ['fe80::', 'fe80::'],
  ] as const
  for (const [text, expected] of canonical) {
    const words = parseIpv6(text)
    t.is(words && formatIpv6(words), expected)
  }
})

test('what is an address is what Node.js takes for one', (t) => {
  const text = fc.stringMatching(/^[0-9a-f:.]{0,20}$/)
  fc.assert(
    fc.property(
      fc.oneof(text, fc.ipV6()),
      (address) => (parseIpv6(address) !== undefined) === isIPv6(address),
    ),
  )
  fc.assert(
    fc.property(fc.ipV4(), (address) => isIPv4(address) && formatIpv4(parseIpv4(address) ?? 0) === address),
  )
  t.is(parseIpv4('256.0.0.1'), undefined)
  t.is(parseIpv4('1.2.3'), undefined)
})

test('Ethernet addresses are read in either case and written in lower', (t) => {
  const value = parseMac('AA:bb:0C:dd:ee:fF') ?? 0
  t.is(formatMac(Math.floor(value / 2 ** 32), value >>> 0), 'aa:bb:0c:dd:ee:ff')
  for (const text of ['aa:bb:cc:dd:ee', 'aa-bb-cc-dd-ee-ff', 'ag:bb:cc:dd:ee:ff', 'aa:bb:cc:dd:ee:ff:'])
    t.is(parseMac(text), undefined)
})

test('prefixes and masks are two forms of the same', (t) => {
  for (let bits = 0; bits <= 32; bits++) t.is(prefixLength(prefixMask(bits)), bits)
  for (let bits = 0; bits <= 128; bits++) t.is(prefixLength6(prefixMask6(bits)), bits)
  t.is(prefixLength(0xff00ff00), -1)
  t.is(prefixLength6([0, 1, 0, 0]), -1)
  t.is(prefixLength6([0xffff0000, 0x80000000, 0, 0]), -1)
})
