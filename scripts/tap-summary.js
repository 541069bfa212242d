/**
 * Reads TAP (version 13) from standard input; prints a line per test, everything about those that failed, those that
 * failed once more at the end, where nobody has to look for them, and the counts last. A test that was skipped counts
 * as failed: it has shown nothing.
 */
import { createInterface } from 'node:readline'

let passed = 0
let failed = 0
let failing = false
/** What was printed of those that failed. */
const failures = []
for await (const line of createInterface({ input: process.stdin })) {
  const result = /^(not )?ok \d+ - (.*?)( # (?:SKIP|TODO).*)?$/.exec(line)
  if (result) {
    failing = result[1] !== undefined || result[3] !== undefined
    if (failing) failed++
    else passed++
    print(`${failing ? '✘' : '✔'} ${result[2]}${result[3] ?? ''}`)
  } else if (failing && line.startsWith(' ')) print(line)
  // What a test, or a hook after it, has logged.
  else if (line.startsWith('#   ')) print(line.slice(2))
}
for (const line of failures) console.log(line)
console.log(`${passed} passed, ${failed} failed`)
if (passed === 0 || failed > 0) process.exitCode = 1

function print(line) {
  console.log(line)
  if (failing) failures.push(line)
}
