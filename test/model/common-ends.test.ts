import test from 'ava'
import { commonEnds } from '../../src/model/common-ends.js'

test('what two lists have in common at their ends is counted once', (t) => {
  t.deepEqual(commonEnds([1, 2, 3], [1, 2, 3]), { head: 3, tail: 0 })
  t.deepEqual(commonEnds([1, 2, 3], [1, 9, 3]), { head: 1, tail: 1 })
  t.deepEqual(commonEnds([1, 2, 3], [1, 2, 9, 3]), { head: 2, tail: 1 })
  t.deepEqual(commonEnds([1, 1], [1, 1, 1]), { head: 2, tail: 0 })
  t.deepEqual(commonEnds([], [1]), { head: 0, tail: 0 })
  t.deepEqual(commonEnds([1, 2], [3, 4]), { head: 0, tail: 0 })
})
