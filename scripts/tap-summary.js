/**
 * Reads TAP (version 13) from standard input; prints a line per test, everything about those that failed, the beginning
 * of that once more at the end, where nobody has to look for it, and the counts last. A test that was skipped counts as
 * failed: it has shown nothing.
 */
import { createInterface } from 'node:readline'

/** Lines of each test that failed that are repeated: of what was expected, and of what was logged. */
const repeated = { told: 14, logged: 80 }

let passed = 0
/** @type {{ title: string, told: string[], logged: string[] }[]} */
const failures = []
/** The test that failed last, while nothing else has come. */
let failure
for await (const line of createInterface({ input: process.stdin })) {
  const result = /^(not )?ok \d+ - (.*?)( # (?:SKIP|TODO).*)?$/.exec(line)
  if (result) {
    const [, not, name, skipped = ''] = result
    const isPassed = not === undefined && skipped === ''
    const title = `${isPassed ? '✔' : '✘'} ${name}${skipped}`
    failure = isPassed ? undefined : { title, told: [], logged: [] }
    if (failure) failures.push(failure)
    else passed++
    console.log(title)
  } else if (failure && line.startsWith(' ')) print(line, failure.told)
  // What a test, or a hook after it, has logged.
  else if (line.startsWith('#   ')) print(line.slice(2), failure?.logged)
}
for (const { title, told, logged } of failures) {
  console.log(title)
  repeat(told, repeated.told)
  repeat(logged, repeated.logged)
}
console.log(`${passed} passed, ${failures.length} failed`)
if (passed === 0 || failures.length > 0) process.exitCode = 1

function print(line, kept) {
  console.log(line)
  kept?.push(line)
}

function repeat(lines, most) {
  for (const line of lines.slice(0, most)) console.log(line.slice(0, 200))
  if (lines.length > most) console.log(`  (${lines.length - most} more lines above)`)
}
