import { readFileSync } from 'node:fs'
import { Client } from './api/client.js'
import { attachCommand } from './cli/attach.js'
import { checkCommand } from './cli/check.js'
import { detachCommand } from './cli/detach.js'
import { explainCommand } from './cli/explain.js'
import { flowsCommand } from './cli/flows.js'
import { getCommand } from './cli/get.js'
import { labCommand } from './cli/lab.js'
import { labPending } from './cli/lab-pending.js'
import { labWorkloads } from './cli/lab-workloads.js'
import { logCommand } from './cli/log.js'
import { reachCommand } from './cli/reach.js'
import { runCommand } from './cli/run.js'
import { runProcess } from './cli/run-process.js'
import { schemaCommand } from './cli/schema.js'
import { statusCommand } from './cli/status.js'
import { wireCommand } from './cli/wire.js'
import { flowToHex, hexToText, versionNumbers } from './openflow/index.js'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)

// What only some commands need is read when they run: `attach` is called by hooks that somebody waits for.
const policy = () => import('./policy/index.js')

await runProcess(version, (context) => [
  runCommand(context, async (options) => (await import('./controller.js')).startController(options)),
  checkCommand(context, async (directory) => (await policy()).checkDirectory(directory)),
  reachCommand(context, async (directory, filter) =>
    (await import('./reach.js')).reachOfDirectory(directory, filter),
  ),
  statusCommand(context),
  getCommand(context),
  flowsCommand(context),
  logCommand(context),
  explainCommand(context),
  attachCommand(context),
  detachCommand(context),
  labCommand({
    fetchWorkloads: (socket) => labWorkloads(new Client(socket)),
    fetchPending: (socket, place) => labPending(new Client(socket), place),
  }),
  wireCommand(context, {
    decode: hexToText,
    encode: (flow, version) => flowToHex(flow, versionNumbers[version]),
  }),
  schemaCommand(context, async () => (await policy()).jsonSchema()),
])
