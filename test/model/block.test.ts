import test from 'ava'
import fc from 'fast-check'
import { contains, formatBlock, parseBlock, subtract } from '../../src/model/block.js'

test('blocks as numbers and as text', (t) => {
  t.deepEqual(parseBlock('10.1.0.0/16'), { family: 4, bits: 0x0a010000n, length: 16 })
  t.deepEqual(parseBlock('2001:db8::1/128'), { family: 6, bits: (0x20010db8n << 96n) + 1n, length: 128 })
  t.is(parseBlock('::ffff:1.2.3.4/128').bits, 0xffff01020304n)
  t.is(parseBlock('::/0').bits, 0n)
  t.is(formatBlock(parseBlock('10.1.0.0/16')), '10.1.0.0/16')
  t.is(formatBlock(parseBlock('2001:db8::/32')), '2001:db8:0:0:0:0:0:0/32')
})

test('a block without others is the fewest blocks of the rest', (t) => {
  const without = (cidr: string, ...except: string[]) =>
    subtract(parseBlock(cidr), except.map(parseBlock)).map(formatBlock)
  t.deepEqual(without('10.0.0.0/8'), ['10.0.0.0/8'])
  t.deepEqual(without('10.0.0.0/8', '10.0.0.0/8'), [])
  t.deepEqual(without('10.0.0.0/8', '0.0.0.0/0'), [])
  t.deepEqual(without('10.0.0.0/8', '11.0.0.0/8', '::/0'), ['10.0.0.0/8'])
  t.deepEqual(without('10.0.0.0/8', '10.192.0.0/10'), ['10.0.0.0/9', '10.128.0.0/10'])
  t.is(without('0.0.0.0/0', '10.1.2.3/32').length, 32)
})

test('an address is in the rest exactly if it is in the block and in none of the others', (t) => {
  const block = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 })).map(([last, length]) => {
    const host = 2 ** (32 - length)
    return { family: 4 as const, bits: BigInt(last - (last % host)), length }
  })
  fc.assert(
    fc.property(block, fc.array(block, { maxLength: 4 }), fc.nat(255), (whole, except, last) => {
      const address = { family: 4 as const, bits: BigInt(last), length: 32 }
      const left = subtract(whole, except).filter((part) => contains(part, address)).length
      const expected = contains(whole, address) && !except.some((hole) => contains(hole, address))
      t.is(left, expected ? 1 : 0)
    }),
  )
})
