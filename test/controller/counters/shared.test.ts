import test from 'ava'
import { shared } from '../../../src/controller/counters/shared.js'

test('who asks while an answer is on its way gets that one, also where it fails; who asks later a new one', async (t) => {
  let asked = 0
  let fails = false
  const ask = shared(async () => {
    asked++
    await new Promise((resolve) => setImmediate(resolve))
    if (fails) throw new Error('gone')
    return asked
  })
  t.deepEqual(await Promise.all([ask(), ask()]), [1, 1])
  fails = true
  const failed = await Promise.allSettled([ask(), ask()])
  t.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  fails = false
  t.is(await ask(), 3)
})
