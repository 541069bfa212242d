import test from 'ava'
import fc from 'fast-check'
import type { PolicyRow } from '../../../src/model/rows.js'
import { longestRise } from '../../../src/policy/allocation/longest-rise.js'
import { type Entry, PositionList, positionCount } from '../../../src/policy/allocation/position-list.js'
import { MemoryStore } from '../../../src/store/store.js'
import { documents, errorsOf, Model, open, tenant } from '../support.js'

const entry = (policy: string, index = 0, priority = 100, position = -1): Entry => ({
  policy,
  index,
  priority,
  position,
})

const inOrder = (entries: readonly Entry[]) =>
  [...entries].sort(
    (a, b) =>
      a.priority - b.priority || (a.policy < b.policy ? -1 : a.policy > b.policy ? 1 : a.index - b.index),
  )

/** Whether positions rise in the order of the entries and are all in range. */
const rises = (entries: readonly Entry[]) =>
  inOrder(entries).every(
    ({ position }, n, all) =>
      position >= 0 && position < positionCount && position > (all[n - 1]?.position ?? -1),
  )

test('a longest rise', (t) => {
  const rise = (...values: number[]) => [...longestRise(values)].sort((a, b) => a - b).map((n) => values[n])
  t.deepEqual(rise(), [])
  t.deepEqual(rise(5), [5])
  t.deepEqual(rise(9, 1, 2, 3, 0, 4), [1, 2, 3, 4])
  t.deepEqual(rise(3, 3, 3), [3])
  t.deepEqual(rise(5, 4, 3), [3])
})

test('positions keep the order and stay unique, whatever comes and goes', (t) => {
  const step = fc.record({
    put: fc.array(
      fc.record({
        policy: fc.integer({ min: 0, max: 400 }),
        rules: fc.integer({ min: 0, max: 6 }),
        priority: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 8 },
    ),
    remove: fc.array(fc.nat(), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const list = new PositionList()
      const policies = new Map<number, Entry[]>()
      for (const { put, remove } of steps) {
        for (const n of remove) {
          const key = [...policies.keys()][n % (policies.size || 1)]
          for (const gone of policies.get(key ?? -1) ?? []) list.remove(gone)
          if (key !== undefined) policies.delete(key)
        }
        const before = new Map([...policies.values()].flat().map((old) => [old, old.position]))
        const coming: Entry[] = []
        for (const { policy, rules, priority } of put) {
          if (policies.has(policy)) continue
          const entries = Array.from({ length: rules }, (_, n) => entry(`p${policy}`, n, priority))
          policies.set(policy, entries)
          coming.push(...entries)
        }
        const moved = list.insert(coming)
        const all = [...policies.values()].flat()
        t.is(list.size, all.length)
        t.true(rises(all))
        for (const [old, position] of before) t.is(moved.has(old), old.position !== position)
      }
    }),
    { numRuns: 200 },
  )
})

test('what comes at the end, at the front and between moves nobody while there is room', (t) => {
  const list = new PositionList()
  const all: Entry[] = []
  for (let n = 0; n < 400; n++) {
    for (const name of [`m${String(n).padStart(4, '0')}`, `f${String(9999 - n)}`]) {
      const coming = entry(name)
      t.is(list.insert([coming]).size, 0)
      all.push(coming)
    }
  }
  t.true(rises(all))
})

test('a gap that is used up moves a few neighbours, not all', (t) => {
  const list = new PositionList()
  const all = Array.from({ length: 1000 }, (_, n) => entry(`p${String(n).padStart(4, '0')}`))
  list.insert(all)
  let most = 0
  let total = 0
  for (let n = 0; n < 200; n++) {
    const coming = entry(`p0500-${String(999 - n)}`)
    const { size } = list.insert([coming])
    all.push(coming)
    most = Math.max(most, size)
    total += size
  }
  t.true(rises(all))
  t.true(most > 0 && most < 600, `${most}`)
  t.true(total < 200 * 20, `${total}`)
})

test('a list takes exactly as many as there are positions', (t) => {
  const list = new PositionList()
  const all = Array.from({ length: positionCount - 1 }, (_, n) => entry('p', n))
  list.insert(all)
  const last = entry('a')
  list.insert([last])
  t.deepEqual(
    inOrder([...all, last]).map(({ position }) => position),
    [...Array(positionCount).keys()],
  )
})

test('wishes are granted as far as the order allows: the fewest lose theirs', (t) => {
  const list = new PositionList()
  const all = [9000, 10, 20, 30, 5].map((position, n) => entry(`p${n}`, 0, 100, position))
  list.insert(all)
  t.deepEqual(
    all.slice(1, 4).map(({ position }) => position),
    [10, 20, 30],
  )
  t.true(rises(all))
})

const policy = (name: string, rules: number, more = '') =>
  `kind: Policy\ntenant: a\nname: ${name}\nselect: {}\n${more}ingress: [${Array(rules).fill('{}').join(', ')}]\n`

const positions = (model: Model, id: string) => {
  const row = model.rows.get(`policy/${id}`) as PolicyRow | undefined
  return row?.ingress?.map(({ position }) => position)
}

test('numbers and positions survive a restart, also with changes in between', async (t) => {
  const store = new MemoryStore()
  const text = (names: readonly string[], more = '') =>
    documents(tenant('a'), ...names.map((name) => policy(name, 2)), ...(more === '' ? [] : [more]))
  const first = new Model()
  const directory = open('p', { store, allowEmpty: true })
  for (const names of [['m'], ['m', 'x'], ['b', 'm', 'x'], ['b', 'c', 'm', 'x'], ['b', 'c', 'm', 'x', 'bb']])
    first.apply((await directory.apply(new Map([['p/a.yaml', text(names)]]))).changes)
  const ids = ['a/b', 'a/bb', 'a/c', 'a/m', 'a/x']
  const before = ids.map((id) => first.rows.get(`policy/${id}`))
  t.true(before.every((row) => row !== undefined))
  t.deepEqual(new Set(ids.flatMap((id) => positions(first, id) ?? [])).size, 10)

  const second = new Model()
  const names = ['b', 'c', 'm', 'x', 'bb']
  second.apply(
    (await open('p', { store, allowEmpty: true }).apply(new Map([['p/a.yaml', text(names)]]))).changes,
  )
  t.deepEqual(
    ids.map((id) => second.rows.get(`policy/${id}`)),
    before,
  )

  const third = new Model()
  const changed = text(['b', 'c', 'x', 'bb'], policy('d', 3))
  third.apply((await open('p', { store, allowEmpty: true }).apply(new Map([['p/a.yaml', changed]]))).changes)
  const kept = ids.filter((id) => id !== 'a/m')
  t.deepEqual(
    kept.map((id) => third.rows.get(`policy/${id}`)),
    kept.map((id) => first.rows.get(`policy/${id}`)),
  )
  t.is(positions(third, 'a/d')?.length, 3)
})

test('a policy that changes keeps its positions; one that comes changes no other row', async (t) => {
  const directory = open('p', { allowEmpty: true })
  const model = new Model()
  const apply = async (name: string, text: string) => {
    const { changes, errors } = await directory.apply(new Map([[`p/${name}`, text]]))
    model.apply(changes)
    t.deepEqual(errors, [])
    return changes.map(({ table, id }) => `${table}/${id}`)
  }
  await apply('t.yaml', tenant('a'))
  for (let n = 0; n < 20; n++) await apply(`${n}.yaml`, policy(`p${n}`, 2))
  const before = positions(model, 'a/p7')
  t.deepEqual(await apply('7.yaml', policy('p7', 2, 'established: keep\n')), ['policy/a/p7'])
  t.deepEqual(positions(model, 'a/p7'), before)
  t.deepEqual(await apply('7.yaml', policy('p7', 3)), ['policy/a/p7'])
  t.deepEqual(positions(model, 'a/p7')?.slice(0, 2), before)
  t.deepEqual(await apply('q.yaml', policy('p70', 1)), ['policy/a/p70'])
})

test('priority orders the admin tier before names do; a change of it moves that policy only', async (t) => {
  const directory = open('p', { allowEmpty: true })
  const model = new Model()
  const admin = (name: string, priority: string) =>
    `kind: Policy\nname: ${name}\ntier: admin\n${priority}select: {}\ningress: [{}]\n`
  const apply = async (text: string) => {
    const { changes } = await directory.apply(new Map([['p/a.yaml', text]]))
    model.apply(changes)
    return changes.map(({ id }) => id)
  }
  await apply(documents(admin('a', 'priority: 300\n'), admin('b', ''), admin('c', 'priority: 200\n')))
  const order = () =>
    ['a', 'b', 'c'].sort((one, two) => (positions(model, one)?.[0] ?? 0) - (positions(model, two)?.[0] ?? 0))
  t.deepEqual(order(), ['b', 'c', 'a'])
  const same = documents(admin('a', 'priority: 301\n'), admin('b', ''), admin('c', 'priority: 200\n'))
  t.deepEqual(await apply(same), [])
  t.deepEqual(
    await apply(documents(admin('a', 'priority: 1\n'), admin('b', ''), admin('c', 'priority: 200\n'))),
    ['a'],
  )
  t.deepEqual(order(), ['a', 'b', 'c'])
})

test('more rules than there are positions: who comes last waits, and comes into force once there is room', async (t) => {
  const directory = open('p', { allowEmpty: true })
  const model = new Model()
  const apply = async (name: string, text: string | undefined) => {
    const update = await directory.apply(new Map([[`p/${name}`, text]]))
    model.apply(update.changes)
    return errorsOf('p', update)
  }
  await apply('t.yaml', tenant('a'))
  for (let n = 0; n < 8; n++) t.deepEqual(await apply(`${n}.yaml`, policy(`p${n}`, 2047)), [])
  t.deepEqual(await apply('x.yaml', policy('x', 8)), [])
  t.deepEqual(await apply('y.yaml', policy('y', 1)), [
    'y.yaml:5:10: error: tenant a has room for 16384 rules of one direction: there are more [pool-exhausted]',
  ])
  t.is(positions(model, 'a/y'), undefined)
  t.deepEqual(await apply('3.yaml', undefined), [])
  t.is(positions(model, 'a/y')?.length, 1)
})
