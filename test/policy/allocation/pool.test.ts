import test from 'ava'
import fc from 'fast-check'
import { Pool } from '../../../src/policy/allocation/pool.js'

const small = (last: bigint) => new Pool({ first: 1n, last, except: new Set([2n]) })

test('one value each, none of those left out', (t) => {
  const pool = small(4n)
  t.deepEqual(
    ['a', 'b', 'a'].map((owner) => pool.assign(owner)),
    [1n, 3n, 1n],
  )
  t.is(pool.assign('c'), 4n)
  t.is(pool.assign('d'), undefined)
})

test('who comes back gets the same value; the longest gone loses it first when nothing else is left', (t) => {
  const pool = small(5n)
  for (const owner of ['a', 'b', 'c']) pool.assign(owner)
  pool.release('b')
  pool.release('a')
  t.is(pool.assign('d'), 5n)
  t.is(pool.assign('e'), 3n)
  t.is(pool.assign('a'), 1n)
  t.is(pool.assign('b'), undefined)
})

test('a value that an object names itself is taken from whoever had it', (t) => {
  const pool = small(4n)
  t.is(pool.assign('a'), 1n)
  t.is(pool.choose(1n), 'a')
  t.is(pool.assign('a'), 3n)
  t.is(pool.choose(1n), undefined)
  pool.unchoose(1n)
  pool.release('a')
  t.is(pool.assign('b'), 4n)
  t.is(pool.assign('c'), 3n, 'the value of one that is gone')
  t.is(pool.assign('d'), undefined, '1 is still named once')
  pool.unchoose(1n)
  t.is(pool.assign('d'), 1n)
})

test('what is written down brings the values back', (t) => {
  const pool = small(9n)
  for (const owner of ['a', 'b', 'c']) pool.assign(owner)
  pool.release('a')
  const next = small(9n)
  for (const owner of pool.takeChanged()) next.restore(owner, pool.record(owner) ?? '')
  t.is(next.assign('new'), 5n)
  t.deepEqual(
    ['c', 'b', 'a'].map((owner) => next.assign(owner)),
    [4n, 3n, 1n],
  )
})

test('another shape keeps what still fits', (t) => {
  const pool = small(4n)
  for (const owner of ['a', 'b', 'c']) pool.assign(owner)
  pool.takeChanged()
  pool.reshape({ first: 3n, last: 4n, except: new Set() })
  t.deepEqual([...pool.takeChanged()], ['a'])
  t.is(pool.record('a'), undefined)
  t.is(pool.assign('a'), undefined)
  t.is(pool.assign('b'), 3n)
})

test('never two owners of one value, never one that an object names, whatever happens', (t) => {
  const owner = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const step = fc.record({
    act: fc.constantFrom('assign', 'release', 'choose', 'unchoose'),
    owner,
    value: fc.bigInt(1n, 6n),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = small(6n)
      const chosen = new Map<bigint, number>()
      for (const { act, owner, value } of steps) {
        const count = chosen.get(value) ?? 0
        if (act === 'assign') pool.assign(owner)
        if (act === 'release') pool.release(owner)
        if (act === 'choose') {
          pool.choose(value)
          chosen.set(value, count + 1)
        }
        if (act === 'unchoose' && count > 0) {
          pool.unchoose(value)
          chosen.set(value, count - 1)
        }
        const values = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((name) => pool.valueOf(name) ?? [])
        if (new Set(values).size !== values.length) return false
        if (values.some((held) => held === 2n || (chosen.get(held) ?? 0) > 0)) return false
      }
      return true
    }),
  )
  t.pass()
})
