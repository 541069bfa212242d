import test from 'ava'
import { Settling } from '../../src/policy/settling.js'

test('a doubtful version waits until it has been still; others never wait', (t) => {
  let now = 1000
  const settling = new Settling(() => now, 25)
  t.false(settling.waits('a', 'text', false))
  t.true(settling.waits('a', 'half', true))
  now += 24
  t.true(settling.waits('a', 'half', true))
  t.true(settling.waits('a', 'half more', true))
  now += 24
  t.true(settling.waits('a', 'half more', true))
  now += 1
  t.false(settling.waits('a', 'half more', true))
  t.true(settling.waits('a', 'half more', true), 'a new wait, since the version before was taken')
  settling.forget('a')
  now += 25
  t.true(settling.waits('a', 'half more', true))
  t.false(settling.waits('a', 'whole', false))
})

test('what waits comes again', async (t) => {
  const settling = new Settling(() => performance.now(), 1)
  const file = new Promise<string>((resolve) => {
    const subscription = settling.due.subscribe((due) => {
      subscription.unsubscribe()
      resolve(due)
    })
  })
  t.true(settling.waits('a', undefined, true))
  t.is(await file, 'a')
})
