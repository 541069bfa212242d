import test from 'ava'
import { MemoryStore } from '../../src/store/store.js'
import { documents, errorsOf, Model, network, open, scratch, tenant, workload, write } from './support.js'

const mirror = (name: string, rest: string) => `kind: Mirror\ntenant: a\nname: ${name}\n${rest}`
const ground = documents(
  tenant('a'),
  tenant('b'),
  network('a', 'lan', '10.1.0.0/24', 'vni: 2\n'),
  network('a', 'dmz', '10.2.0.0/24'),
  workload('a', 'eye'),
  network('b', 'lan', '10.3.0.0/24'),
  workload('b', 'eye'),
)

test('rows of mirrors: everything of everybody by default, each with a number of its own', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'mirrors.yaml': documents(
      mirror('all', 'to: eye\n'),
      mirror('web', 'to: a/eye\nselect: {role: {in: [web]}}\ndirection: in\n'),
    ),
  })
  const update = await open(directory).load()
  t.deepEqual(errorsOf(directory, update), [])
  const model = new Model()
  model.apply(update.changes)
  const row = { tenant: 'a', to: 'a/eye' }
  t.deepEqual(model.rows.get('mirror/a/all'), { id: 'a/all', ...row, vni: 4, select: {}, direction: 'both' })
  t.deepEqual(model.rows.get('mirror/a/web'), {
    ...{ id: 'a/web', ...row, vni: 5 },
    ...{ select: { role: { in: ['web'] } }, direction: 'in' },
  })
})

test('its number is the same after a restart, and gives way to a network that names it', async (t) => {
  const store = new MemoryStore()
  const directory = scratch(t)
  write(directory, { 'ground.yaml': ground, 'm.yaml': mirror('m', 'to: eye\n') })
  const vnis = async () => {
    const model = new Model()
    model.apply((await open(directory, { store }).load()).changes)
    return [...model.rows].flatMap(([id, row]) => ('vni' in row ? `${id} ${row.vni}` : [])).sort()
  }
  const before = ['mirror/a/m 4', 'network/a/dmz 1', 'network/a/lan 2', 'network/b/lan 3']
  t.deepEqual(await vnis(), before)
  write(directory, { 'a.yaml': network('b', 'first', '10.4.0.0/24') })
  t.deepEqual(await vnis(), [
    ...before.slice(0, 2),
    'network/a/lan 2',
    'network/b/first 5',
    'network/b/lan 3',
  ])
  write(directory, { 'a.yaml': network('b', 'first', '10.4.0.0/24', 'vni: 4\n') })
  t.is(
    (await vnis()).find((each) => each.startsWith('network/b/first')),
    'network/b/first 4',
  )
  t.is(new Set((await vnis()).map((each) => each.split(' ')[1])).size, 5)
})

const says = test.macro(async (t, rest: string, ...expected: readonly string[]) => {
  const directory = scratch(t)
  write(directory, { 'ground.yaml': ground, 'a.yaml': mirror('m', rest) })
  t.deepEqual(errorsOf(directory, await open(directory).load()), [...expected])
})

test('nobody to get the copies', says, '', 'a.yaml:1:1: error: to is missing: expected text [missing-field]')
test(
  'a workload that there is not',
  says,
  'to: ear\n',
  'a.yaml:4:5: error: workload a/ear does not exist [missing-reference]',
)
test(
  'a workload of another tenant',
  says,
  'to: b/eye\n',
  'a.yaml:4:5: error: workload b/eye is of another tenant: copies go to a workload of tenant a, whose packets they are [foreign-workload]',
)
test(
  'no direction, no selector, and a field that is none',
  says,
  'to: eye\ndirection: ingress\nselect: web\nfrom: eye\n',
  'a.yaml:5:12: error: direction ingress is not known: expected one of in, out, both [bad-value]',
  'a.yaml:6:9: error: select web: expected a map, found text [wrong-type]',
  'a.yaml:7:1: error: Mirror has no field from [unknown-field]',
)
