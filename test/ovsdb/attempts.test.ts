import test from 'ava'
import { Attempts } from '../../src/ovsdb/attempts.js'
import { formatEndpoint, parseEndpoints } from '../../src/ovsdb/endpoint.js'

const backoff = { minMs: 100, maxMs: 500 }

/** Where attempts go that all fail, and the wait after each. */
function failing(attempts: Attempts, count: number) {
  return Array.from({ length: count }, () => [formatEndpoint(attempts.endpoint), attempts.failed()])
}

test('endpoints take turns; a round goes without waits, and the waits between rounds grow', (t) => {
  const attempts = new Attempts(parseEndpoints('unix:/a,unix:/b,unix:/c'), backoff, () => 0)
  t.deepEqual(failing(attempts, 9), [
    ['unix:/a', 0],
    ['unix:/b', 0],
    ['unix:/c', 100],
    ['unix:/a', 0],
    ['unix:/b', 0],
    ['unix:/c', 200],
    ['unix:/a', 0],
    ['unix:/b', 0],
    ['unix:/c', 400],
  ])
})

test('after a connection that lasted, the next endpoint is tried at once', (t) => {
  const attempts = new Attempts(parseEndpoints(['unix:/a', 'unix:/b']), backoff, () => 0)
  failing(attempts, 5)
  t.is(attempts.trialMs, 400)
  attempts.succeeded()
  t.is(attempts.trialMs, 100)
  t.deepEqual(failing(attempts, 2), [
    ['unix:/b', 0],
    ['unix:/a', 100],
  ])
})

test('a random half of the wait is left out', (t) => {
  const attempts = new Attempts(parseEndpoints('unix:/a'), backoff, () => 0.5)
  t.deepEqual(
    failing(attempts, 4).map(([, waitMs]) => waitMs),
    [75, 150, 300, 375],
  )
})
