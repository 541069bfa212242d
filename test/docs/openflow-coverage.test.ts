import { readFileSync } from 'node:fs'
import test from 'ava'
import { actionCoverage, coveragePage, fieldCoverage, messageCoverage } from '../support/coverage.js'

test('the page says what the library does: `npm run docs:openflow` writes it', (t) => {
  t.is(readFileSync(new URL('../../../docs/openflow-coverage.md', import.meta.url), 'utf8'), coveragePage())
})

test('nothing is left out', (t) => {
  for (const row of [...messageCoverage(), ...actionCoverage(), ...fieldCoverage()])
    t.false(Object.values(row).includes('no'), JSON.stringify(row))
})
