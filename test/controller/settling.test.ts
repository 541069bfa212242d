import test from 'ava'
import { Settling } from '../../src/controller/settling.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { policy } from '../support/policies.js'
import { put } from '../support/rows.js'

/** A model that settling follows, as the controller has it. */
function follow(settleMs: number) {
  const model = new Model()
  const commit = (changes: Iterable<Change>): void => {
    const done = [...model.commit([...changes]).changes]
    settling.follow(done)
    if (done.some(({ table }) => table === 'settled')) changed?.()
  }
  let changed: (() => void) | undefined
  const settling: Settling = new Settling({ model, commit, settleMs })
  const settled = () => [...model.rows('settled')].map(({ id }) => id)
  const next = () =>
    new Promise<void>((resolve) => {
      changed = resolve
    })
  return { commit, settling, settled, next }
}

test('a tenant is settled some time after its first policy, and no more once the last one is gone', async (t) => {
  const { commit, settled, next } = follow(20)
  const change = next()
  commit([put('policy', policy('a/one', 1))])
  t.deepEqual(settled(), [])
  await change
  t.deepEqual(settled(), ['a'])
  commit([put('policy', policy('a/two', 2)), { table: 'policy', id: 'a/one' }])
  t.deepEqual(settled(), ['a'])
  commit([{ table: 'policy', id: 'a/two' }])
  t.deepEqual(settled(), [])
})

test('a policy without tenant settles everybody, and one that goes in time settles nobody', async (t) => {
  const { commit, settled, next } = follow(20)
  const change = next()
  commit([put('policy', policy('all', 1)), put('policy', policy('a/one', 2))])
  commit([{ table: 'policy', id: 'a/one' }])
  await change
  t.deepEqual(settled(), [''])
})

test('what was known before a restart holds, if there are policies still', (t) => {
  const { commit, settling, settled } = follow(10_000)
  commit([
    put('settled', { id: 'a' }),
    put('settled', { id: 'b' }),
    put('policy', policy('a/one', 1)),
    put('policy', policy('c/one', 2)),
  ])
  t.deepEqual(settled(), ['a'])
  settling.close()
})
