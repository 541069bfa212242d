import test from 'ava'
import { DesiredFlows } from '../../src/pipeline/desired-flows.js'
import type { Flow } from '../../src/pipeline/flow.js'
import { rule, type Table } from '../../src/pipeline/table.js'
import { Unit } from '../../src/pipeline/unit.js'

const nothing = rule(
  'r',
  'tenant',
  () => 'all',
  () => [],
)
const table: Table = { number: 0, name: 't', rules: [nothing], matches: [] }

/** A flow of the key `k` that a unit of this row wants. */
function flow(row: string, content = 'cookie..instructions'): Flow {
  return { key: 'k', content, unit: new Unit(table, nothing, row) }
}

test('of several that want the same key the first by unit wins, in every order of coming and going', (t) => {
  const flows = ['a', 'b', 'c'].map((row) => flow(row))
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]
  for (const coming of orders)
    for (const going of orders) {
      const desired = new DesiredFlows()
      const present = new Set<Flow>()
      const first = () => [...present].sort((a, b) => (a.unit.id < b.unit.id ? -1 : 1))[0]
      for (const index of coming) {
        const next = flows[index]
        if (!next) return t.fail()
        desired.add(next)
        present.add(next)
        t.is(desired.get('k'), first())
      }
      for (const index of going) {
        const next = flows[index]
        if (!next) return t.fail()
        desired.remove(next)
        present.delete(next)
        t.is(desired.get('k'), first())
      }
      t.is(desired.size, 0)
    }
})

test('only different instructions are a conflict', (t) => {
  const desired = new DesiredFlows()
  desired.add(flow('a'))
  desired.add(flow('b'))
  t.deepEqual([...desired.conflicts()], [])
  const other = flow('c', 'cookie..others')
  desired.add(other)
  t.deepEqual(
    [...desired.conflicts()].map(({ loser }) => loser),
    [other],
  )
  desired.remove(other)
  t.deepEqual([...desired.conflicts()], [])
})

test('changes are noted from the first time that somebody asks', (t) => {
  const desired = new DesiredFlows()
  const one = flow('a')
  desired.add(one)
  t.false(desired.isDirty)
  t.is(desired.takeDirty().size, 0)
  desired.remove(one)
  t.true(desired.isDirty)
  t.deepEqual([...desired.takeDirty()], ['k'])
  t.false(desired.isDirty)
})
