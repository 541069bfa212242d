import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import { same } from '../../src/model/same.js'

/** Few values, so that many are the same. */
const leaf = fc.constantFrom(undefined, null, true, 0, 1, Number.NaN, '', 'a', 1n)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('x', 'y'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
}))

test('what is the same to Node is the same here, and nothing else', (t) => {
  let equal = 0
  fc.assert(
    fc.property(value, value, (a, b) => {
      if (isDeepStrictEqual(a, b)) equal++
      return same(a, b) === isDeepStrictEqual(a, b) && same(a, structuredClone(a))
    }),
    { numRuns: 5000 },
  )
  t.true(equal > 100, `${equal} pairs were the same`)
})
