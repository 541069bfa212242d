import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Every benchmark but that of scale, one after the other, each in a process of its own. */
const benches = ['compile', 'install', 'first-packet', 'forwarding', 'attach', 'ovsdb-parse', 'ovsdb']

for (const name of benches) {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  // It ends with this process, and what it has started ends with it.
  const argv = ['--pdeathsig', 'TERM', process.execPath, '--expose-gc', file]
  const [status] = await once(spawn('setpriv', argv, { stdio: 'inherit' }), 'exit')
  if (status !== 0) {
    console.error(`${name}: failed`)
    process.exitCode = 1
  }
}
