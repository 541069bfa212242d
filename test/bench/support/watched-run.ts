import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * The program as it is, watched from inside: `node watched-run.js FILE ARGUMENT...`. On SIGUSR2 the file gets the longest
 * time in milliseconds that the event loop was held since the last SIGUSR2.
 */
const [file = ''] = process.argv.splice(2, 1)
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('SIGUSR2', () => {
  writeFileSync(file, `${delay.max / 1e6}\n`)
  delay.reset()
})
await import('../../../src/main.js')
