/**
 * Reads TAP (version 13) from standard input; prints a line per test, everything about those that failed, and the
 * counts last. A test that was skipped counts as failed: it has shown nothing.
 */
import { createInterface } from 'node:readline'

let passed = 0
let failed = 0
let failing = false
for await (const line of createInterface({ input: process.stdin })) {
  const result = /^(not )?ok \d+ - (.*?)( # (?:SKIP|TODO).*)?$/.exec(line)
  if (result) {
    failing = result[1] !== undefined || result[3] !== undefined
    if (failing) failed++
    else passed++
    console.log(`${failing ? '✘' : '✔'} ${result[2]}${result[3] ?? ''}`)
  } else if (failing && line.startsWith(' ')) console.log(line)
  else if (line.startsWith('# ') && !failing) console.log(`  ${line.slice(2)}`)
}
console.log(`${passed} passed, ${failed} failed`)
if (passed === 0 || failed > 0) process.exitCode = 1
