import test from 'ava'
import fc from 'fast-check'
import {
  contains,
  formatAddress,
  formatBlock,
  isStation,
  isUnicast,
  overlap,
  parseAddress,
  parseBlock,
} from '../../src/policy/address.js'

function canonical(text: string): string | undefined {
  const address = parseAddress(text)
  return address && formatAddress(address)
}

test('addresses become canonical text', (t) => {
  t.is(canonical('192.168.1.2'), '192.168.1.2')
  t.is(canonical('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1')
  t.is(canonical('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1')
  t.is(canonical('::ffff:10.0.0.1'), '::ffff:a00:1')
  t.is(canonical('::'), '::')
  t.is(canonical('fe80::'), 'fe80::')
  for (const text of ['', '1.2.3', '01.2.3.4', '1.2.3.256', 'fe80::1%eth0', ':::', '1.2.3.4/8', 'x']) {
    t.is(canonical(text), undefined, text)
  }
})

test('IPv6 text is what the WHATWG URL parser, an independent reading of RFC 5952, makes of it', (t) => {
  const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(0xffff) })
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const text = groups.map((value) => value.toString(16)).join(':')
      return `[${canonical(text)}]` === new URL(`http://[${text}]`).hostname
    }),
  )
  t.pass()
})

test('blocks', (t) => {
  const block = (text: string) => {
    const found = parseBlock(text)
    return found && formatBlock(found)
  }
  t.is(block('192.168.1.7/24'), '192.168.1.0/24')
  t.is(block('FD00:0::1/64'), 'fd00::/64')
  t.is(block('0.0.0.0/0'), '0.0.0.0/0')
  for (const text of [
    '192.168.1.0',
    '192.168.1.0/33',
    '192.168.1.0/',
    '192.168.1.0/08',
    'fd00::/129',
    'x/8',
  ]) {
    t.is(block(text), undefined, text)
  }
})

test('stations of a block', (t) => {
  const station = (cidr: string, text: string) => {
    const [block, address] = [parseBlock(cidr), parseAddress(text)]
    return block !== undefined && address !== undefined && isStation(block, address)
  }
  t.true(station('10.0.0.0/30', '10.0.0.1'))
  t.true(station('10.0.0.0/30', '10.0.0.2'))
  t.false(station('10.0.0.0/30', '10.0.0.0'))
  t.false(station('10.0.0.0/30', '10.0.0.3'))
  t.false(station('10.0.0.0/30', '10.0.0.4'))
  t.true(station('10.0.0.0/31', '10.0.0.0'))
  t.true(station('10.0.0.7/32', '10.0.0.7'))
  t.false(station('fd00::/64', 'fd00::'))
  t.true(station('fd00::/64', 'fd00::ffff:ffff:ffff:ffff'))
  t.false(station('10.0.0.0/8', '::a00:1'))
})

test('what no station has', (t) => {
  const unicast = (text: string) => {
    const address = parseAddress(text)
    return address !== undefined && isUnicast(address)
  }
  for (const text of ['10.0.0.1', '223.255.255.255', 'fd00::1', '::2']) t.true(unicast(text), text)
  for (const text of ['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', 'ff02::1']) {
    t.false(unicast(text), text)
  }
})

test('two blocks overlap exactly where one has the first address of the other', (t) => {
  const block = fc
    .tuple(fc.nat(15), fc.integer({ min: 26, max: 32 }))
    .map(([last, prefix]) => parseBlock(`10.0.0.${last}/${prefix}`))
  fc.assert(
    fc.property(block, block, (a, b) => {
      if (a === undefined || b === undefined) return false
      const inside = contains(a, { family: 4, value: b.first }) || contains(b, { family: 4, value: a.first })
      return overlap(a, b) === inside
    }),
  )
  t.pass()
})
