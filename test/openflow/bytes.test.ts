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
