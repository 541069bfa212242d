/** What `npm start` runs: brings the scenario tenants-gre up, shows that it holds, and leaves nothing behind. */
import { parseArgs } from 'node:util'
import { checkSocketFree } from '../api/unix-socket.js'
import { failureOf } from '../cli/failure.js'
import { Output } from '../cli/output.js'
import { defaultRoot, defaultSocket } from '../lab/index.js'
import { DemoCluster } from './cluster.js'
import { demo, suggestions } from './demo.js'
import { DemoError } from './error.js'
import { checkRequirements } from './requirements.js'
import { untilKey } from './until-key.js'

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'demo' },
    root: { type: 'string', default: defaultRoot },
    socket: { type: 'string', default: defaultSocket },
  },
})
const { stdin, stdout, stderr, env } = process
const output = new Output({ stdin: process.stdin, stdout, stderr, env, signals: process })

const stop = new AbortController()
const interrupt = () => stop.abort(new DemoError('interrupted', 'interrupted'))
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt)
// A reader or terminal that goes away ends the demonstration, but not before it has cleaned up.
for (const stream of [stdout, stderr]) stream.on('error', interrupt)

async function run(): Promise<boolean> {
  checkRequirements(values.root)
  await checkSocketFree(values.socket)
  const cluster = new DemoCluster('tenants-gre', values)
  try {
    const right = await demo(cluster, output, stop.signal)
    if (stdin.isTTY && stdout.isTTY) await stay(cluster)
    return right
  } finally {
    output.message('\ncleaning up')
    await cluster.remove()
  }
}

async function stay(cluster: DemoCluster): Promise<void> {
  const isDefault = values.root === defaultRoot && values.socket === defaultSocket
  await output.line('\nThe cluster stands. To try in another shell, in this directory:')
  for (const line of suggestions(cluster, isDefault)) await output.line(`  ${line}`)
  await output.line('\nA key ends it.')
  await untilKey(stdin, stop.signal)
}

try {
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  // Whatever a step came to grief by while it was interrupted: that was why.
  output.message(`error: ${failureOf(stop.signal.aborted ? stop.signal.reason : error).message}`)
  process.exitCode = 1
}
