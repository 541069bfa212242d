import test from 'ava'
import { examplesOf, runExample } from '../support/readme-examples.js'

const examples = examplesOf('src/openflow/README.md').filter(({ code }) => !code.includes('dialOpenFlow'))

test('the README has examples that need no switch', (t) => t.is(examples.length, 2))

examples.forEach(({ code, expected }, i) => {
  test(`example ${i + 1} prints what it says`, (t) => {
    t.true(expected.length > 2)
    t.deepEqual(runExample(code), expected)
  })
})
