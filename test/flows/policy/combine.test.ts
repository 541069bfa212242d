import test from 'ava'
import fc from 'fast-check'
import { combine, type Dimension } from '../../../flows/policy/combine.js'
import type { Match } from '../../../src/openflow/flow.js'

const flows = (...dimensions: readonly Dimension[]) => [...combine(7, 100, dimensions, [])]
const regs = (field: 'reg0' | 'reg1' | 'reg2', count: number) =>
  Array.from({ length: count }, (_, n): Match => ({ [field]: n }))

test('what has one alternative is part of every flow', (t) => {
  t.deepEqual(
    flows([{ reg0: 1 }], [{}], regs('reg1', 2)).map(({ match }) => match),
    [
      { reg0: 1, reg1: 0 },
      { reg0: 1, reg1: 1 },
    ],
  )
})

test('several dimensions of several alternatives are a conjunction, unless multiplied they are no more flows', (t) => {
  t.is(flows(regs('reg0', 2), regs('reg1', 2)).length, 4)
  const many = flows(regs('reg0', 5), regs('reg1', 10), [{ reg2: 9 }])
  t.is(many.length, 5 + 10 + 1)
  t.deepEqual(many[0], {
    priority: 100,
    match: { reg2: 9, reg0: 0 },
    actions: [{ type: 'conjunction', id: 7, clause: 1, clauses: 2 }],
  })
  t.deepEqual(many.at(-1), { priority: 100, match: { conjId: 7 }, actions: [] })
})

test('alternatives that contradict what is given fall away, and no flow is left where nothing can match', (t) => {
  const families = [
    { ethType: 0x0800, tcpDst: 80 },
    { ethType: 0x86dd, tcpDst: 80 },
  ]
  t.deepEqual(
    flows([{ ethType: 0x0800, ipv4Src: '10.0.0.0/8' }], families).map(({ match }) => match),
    [{ ethType: 0x0800, ipv4Src: '10.0.0.0/8', tcpDst: 80 }],
  )
  t.deepEqual(flows([{ ethType: 0x0800 }], [{ ethType: 0x86dd }]), [])
  t.deepEqual(flows([], families), [])
  t.deepEqual(
    flows([{ reg0: 1 }], regs('reg0', 3)).map(({ match }) => match),
    [{ reg0: 1 }],
  )
})

test('a packet matches the flows exactly if it matches one alternative of every dimension', (t) => {
  const match = fc.record(
    { reg0: fc.nat(2), reg1: fc.nat(2), reg2: fc.nat(2) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Match>
  const packet = fc.record({ reg0: fc.nat(2), reg1: fc.nat(2), reg2: fc.nat(2) })
  fc.assert(
    fc.property(
      fc.array(fc.array(match, { maxLength: 5 }), { maxLength: 4 }),
      packet,
      (dimensions, values) => {
        const fits = (fields: Match) =>
          (['reg0', 'reg1', 'reg2'] as const).every(
            (field) => (fields[field] ?? values[field]) === values[field],
          )
        const made = [...combine(7, 100, dimensions, [])]
        const clauses = new Set<number>()
        let hit = false
        let needed = 0
        for (const flow of made) {
          const [action] = flow.actions
          if (action?.type === 'conjunction') {
            needed = action.clauses
            if (fits(flow.match)) clauses.add(action.clause)
          } else if (flow.match.conjId === undefined && fits(flow.match)) hit = true
        }
        if (needed > 0) hit = clauses.size === needed
        t.is(
          hit,
          dimensions.every((alternatives) => alternatives.some(fits)),
        )
      },
    ),
    { numRuns: 2000 },
  )
})
