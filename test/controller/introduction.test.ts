import test from 'ava'
import { Introduction } from '../../src/controller/introduction.js'

test('without hosts nobody is waited for; with new ones until all are known', async (t) => {
  let known = false
  const introduction = new Introduction(() => known)
  t.true(introduction.isOver)
  await introduction.over
  introduction.begin()
  t.false(introduction.isOver)
  const order: string[] = []
  const over = introduction.over.then(() => order.push('over'))
  introduction.check()
  // A further host is new meanwhile: the same wait goes on.
  introduction.begin()
  await Promise.resolve()
  t.false(introduction.isOver)
  order.push('known')
  known = true
  introduction.check()
  t.true(introduction.isOver)
  await over
  t.deepEqual(order, ['known', 'over'])
})

test('hosts that are known already are not waited for, and the end ends the wait', async (t) => {
  const known = new Introduction(() => true)
  known.begin()
  t.true(known.isOver)
  const unknown = new Introduction(() => false)
  unknown.begin()
  unknown.close()
  t.true(unknown.isOver)
  await unknown.over
})
