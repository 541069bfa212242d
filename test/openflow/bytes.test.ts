import test from 'ava'
import { encodeInstructions, encodeMatch } from '../../src/openflow/flow.js'
import { EncodeError, type Flow, parseFlow, Writer } from '../../src/openflow/index.js'

const writes: readonly (readonly [name: string, write: (w: Writer) => void])[] = [
  ['u8', (w) => w.u8(256)],
  ['u8 below zero', (w) => w.u8(-1)],
  ['u16', (w) => w.u16(0x10000)],
  ['u16 fraction', (w) => w.u16(1.5)],
  ['u32', (w) => w.u32(2 ** 32)],
  ['u32 below zero', (w) => w.u32(-1)],
  ['u32 not a number', (w) => w.u32(Number.NaN)],
  ['u64', (w) => w.u64(1n << 64n)],
  ['u64 below zero', (w) => w.u64(-1n)],
  ['uint', (w) => w.uint(1n << 24n, 3)],
]

for (const [name, write] of writes)
  test(`a writer never cuts a number: ${name}`, (t) => {
    const w = new Writer(4)
    w.u8(7)
    t.throws(() => write(w), { instanceOf: EncodeError, message: /does not fit/ })
    t.is(w.finish().toString('hex'), '07')
  })

test('a flow whose numbers do not fit is refused', (t) => {
  const base = parseFlow('table=1,reg0=1 actions=output:1')
  const wrong: readonly Partial<Flow>[] = [
    { actions: [{ type: 'group', group: 2 ** 32 }] },
    { actions: [{ type: 'gotoTable', table: 256 }] },
    { actions: [{ type: 'resubmit', port: 70_000, table: 1 }] },
    { actions: [{ type: 'conjunction', id: 1, clause: 300, clauses: 2 }] },
    { match: { reg0: 2 ** 32 } },
    { match: { metadata: 1n << 64n } },
    { match: { tcpDst: 65_536 } },
    { match: { xreg0: 1n << 64n } },
    { match: { xxreg0: { value: 1n, mask: -1n } } },
    { actions: [{ type: 'load', value: 1n, dst: { field: 'reg0', offset: 30, bits: 4 } }] },
    { actions: [{ type: 'load', value: 16n, dst: { field: 'reg0', offset: 0, bits: 4 } }] },
    { match: { ethDst: '00:00:00:00:00:100' } },
  ]
  for (const change of wrong)
    t.throws(
      () => {
        const w = new Writer()
        encodeMatch(w, { ...base, ...change }.match, 6)
        encodeInstructions(w, { ...base, ...change }.actions, 6)
      },
      { instanceOf: EncodeError },
      Object.keys(change).join(),
    )
})

test('what was taken from a writer stays as it is, however much follows', (t) => {
  const w = new Writer(16)
  const taken = Array.from({ length: 50 }, (_, i) => {
    const start = w.length
    for (let n = 0; n < i % 20; n++) w.u8(i)
    return w.take(start)
  })
  taken.forEach((bytes, i) => {
    t.deepEqual([...bytes], Array<number>(i % 20).fill(i))
  })
})

test('unsigned integers of any size', (t) => {
  for (let size = 1; size <= 16; size++) {
    const digits = '0123456789abcdeffedcba9876543210'.slice(0, 2 * size)
    const w = new Writer(1)
    w.uint(BigInt(`0x${digits}`), size)
    t.is(w.finish().toString('hex'), digits)
    t.throws(() => w.uint(1n << BigInt(8 * size), size), { instanceOf: EncodeError })
  }
})

test('a mask takes away what it leaves out, and says what it covers', (t) => {
  const masked = (hex: string): readonly [string, string] => {
    const w = new Writer()
    w.bytes(Buffer.from(hex, 'hex'))
    const covers = w.mask(1, 2)
    return [w.finish().toString('hex'), covers]
  }
  t.deepEqual(masked('11222200ff'), ['11002200ff', 'some'])
  t.deepEqual(masked('112222ffff'), ['112222ffff', 'all'])
  t.deepEqual(masked('1122220000'), ['1100000000', 'none'])
})
