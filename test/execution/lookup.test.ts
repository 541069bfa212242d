import test from 'ava'
import fc from 'fast-check'
import { FlowTables, Header } from '../../src/execution/index.js'
import { matchBits } from '../../src/execution/match-bits.js'
import { type Flow, parseFlow } from '../../src/openflow/flow.js'
import { tcp } from './support.js'

const tables = (...flows: readonly string[]) => new FlowTables(flows.map((flow) => parseFlow(flow)))
const header = (more = {}) => Header.of(tcp('10.0.0.1', '10.0.1.2', more))
const cookie = (found: { flow: Flow } | undefined) => found && Number(found.flow.cookie)

test('the highest priority that matches wins, whatever its mask', (t) => {
  const flows = tables(
    'cookie=1,priority=1 actions=drop',
    'cookie=2,priority=10,ip,nw_dst=10.0.0.0/8 actions=drop',
    'cookie=3,priority=20,ip,nw_dst=10.0.1.0/24 actions=drop',
    'cookie=4,priority=30,ip,nw_dst=10.0.2.0/24 actions=drop',
    'cookie=5,table=1,priority=30,ip actions=drop',
  )
  t.is(cookie(flows.lookup(0, header())), 3)
  t.is(cookie(flows.lookup(0, header({ ipv4Dst: '10.9.0.1' }))), 2)
  t.is(cookie(flows.lookup(0, header({ ipv4Dst: '11.9.0.1' }))), 1)
  t.is(flows.lookup(2, header()), undefined)
  t.is(flows.size, 5)
})

test('flows of one priority that both match are each other’s rivals', (t) => {
  const found = tables(
    'cookie=1,priority=10,ip actions=drop',
    'cookie=2,priority=10,tcp actions=drop',
    'cookie=3,priority=9,tcp,tp_dst=80 actions=drop',
  ).lookup(0, header())
  t.deepEqual([cookie(found), ...(found?.rivals ?? []).map(({ cookie }) => Number(cookie))].sort(), [1, 2])
})

test('masks of ports, registers, MACs and tags', (t) => {
  const flows = tables(
    'cookie=1,priority=5,tcp,tp_dst=0x50/0xfff0 actions=drop',
    'cookie=2,priority=6,tcp,tp_dst=0x58/0xfff8 actions=drop',
    'cookie=3,priority=7,reg3=0x100/0xf00 actions=drop',
    'cookie=4,priority=8,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop',
    'cookie=5,priority=9,dl_vlan=7 actions=drop',
  )
  t.is(cookie(flows.lookup(0, header())), 1)
  t.is(cookie(flows.lookup(0, header({ tcpDst: 0x5f }))), 2)
  t.is(cookie(flows.lookup(0, header({ tcpDst: 0x60 }))), undefined)
  t.is(cookie(flows.lookup(0, header({ xxreg0: 0xabc01f2n }))), 3)
  t.is(cookie(flows.lookup(0, header({ ethDst: 'ff:ff:ff:ff:ff:ff' }))), 4)
  t.is(cookie(flows.lookup(0, header({ vlanTci: 0x1007 }))), 5)
  t.is(cookie(flows.lookup(0, header({ vlanTci: 0x7007 }))), 5)
})

const conjunctive = [
  'cookie=1,priority=100,ip,nw_src=10.0.0.1 actions=conjunction(7,1/2)',
  'cookie=2,priority=100,ip,nw_src=10.0.0.2 actions=conjunction(7,1/2),conjunction(8,1/2)',
  'cookie=3,priority=100,tcp,tp_dst=80 actions=conjunction(7,2/2)',
  'cookie=4,priority=100,tcp,tp_dst=81 actions=conjunction(8,2/2)',
  'cookie=7,priority=100,conj_id=7 actions=drop',
  'cookie=8,priority=100,conj_id=8 actions=drop',
  'cookie=9,priority=50,ip actions=drop',
]

test('a conjunction is met when every dimension is', (t) => {
  const flows = tables(...conjunctive)
  const found = flows.lookup(0, header())
  t.is(cookie(found), 7)
  t.is(found?.conjunction?.id, 7)
  t.deepEqual(found?.conjunction?.flows.map(({ cookie }) => Number(cookie)).sort(), [1, 3])
  t.is(cookie(flows.lookup(0, header({ tcpDst: 81 }))), 9)
  t.is(cookie(flows.lookup(0, header({ ipv4Src: '10.0.0.2', tcpDst: 81 }))), 8)
  t.is(cookie(flows.lookup(0, header({ ipv4Src: '10.0.0.3' }))), 9)
})

test('a plain flow above a conjunction hides it; a conjunction above the plain flow needs its conj_id', (t) => {
  t.is(cookie(tables(...conjunctive, 'cookie=20,priority=101,tcp actions=drop').lookup(0, header())), 20)
  t.is(cookie(tables(...conjunctive.filter((flow) => !flow.includes('conj_id'))).lookup(0, header())), 9)
})

test('a conjunction that is not met leaves room for one of lower priority', (t) => {
  const flows = tables(
    ...conjunctive,
    'cookie=11,priority=90,ip,nw_dst=10.0.1.2 actions=conjunction(9,1/2)',
    'cookie=12,priority=90,tcp,tp_src=40000 actions=conjunction(9,2/2)',
    'cookie=13,priority=60,conj_id=9 actions=drop',
  )
  t.is(cookie(flows.lookup(0, header({ tcpDst: 443 }))), 13)
  t.is(cookie(flows.lookup(0, header())), 7)
})

const byte = fc.integer({ min: 0, max: 7 })
const field = fc.constantFrom('ipv4Src' as const, 'ipv4Dst' as const)
const randomFlow = fc
  .tuple(byte, fc.array(fc.tuple(field, byte, fc.constantFrom(32, 31, 30, 29, 24)), { maxLength: 2 }))
  .map(
    ([priority, fields]): Flow => ({
      ...{ table: 0, priority, cookie: 0n, actions: [] },
      match: { ethType: 0x800, ...Object.fromEntries(fields.map(([f, v, l]) => [f, `10.0.0.${v}/${l}`])) },
    }),
  )

test('looking up by hash equals trying one flow after the other', (t) => {
  let hits = 0
  fc.assert(
    fc.property(fc.array(randomFlow, { minLength: 1, maxLength: 30 }), byte, byte, (flows, a, b) => {
      const packet = header({ ipv4Src: `10.0.0.${a}`, ipv4Dst: `10.0.0.${b}` })
      const matching = flows.filter(({ match }) => {
        const { at, masks, values } = matchBits(match)
        return at.every((word, i) => ((packet.words[word] ?? 0) & (masks[i] ?? 0)) >>> 0 === values[i])
      })
      const highest = Math.max(...matching.map(({ priority }) => priority))
      const found = new FlowTables(flows).lookup(0, packet)
      t.is(found?.flow.priority, matching.length > 0 ? highest : undefined)
      if (found) {
        hits++
        t.true(matching.includes(found.flow))
      }
    }),
    { numRuns: 300 },
  )
  t.true(hits > 100)
})
