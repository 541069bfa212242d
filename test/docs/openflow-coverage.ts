/** Writes docs/openflow-coverage.md. */
import { writeFileSync } from 'node:fs'
import { coveragePage } from '../support/coverage.js'

writeFileSync(new URL('../../../docs/openflow-coverage.md', import.meta.url), coveragePage())
