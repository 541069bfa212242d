import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Context } from './cli/context.js'
import { runProcess } from './cli/run-process.js'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)

const policy = () => import('./policy/index.js')

/** In the order in which help shows them. Each is read when it is called: people wait for it, hooks for `attach`. */
const commands: ReadonlyMap<string, (context: Context) => Promise<Command>> = new Map([
  [
    'run',
    async (context: Context) =>
      (await import('./cli/run.js')).runCommand(context, async (options) =>
        (await import('./controller.js')).startController(options),
      ),
  ],
  [
    'check',
    async (context) =>
      (await import('./cli/check.js')).checkCommand(context, async (directory) =>
        (await policy()).checkDirectory(directory),
      ),
  ],
  [
    'reach',
    async (context) =>
      (await import('./cli/reach.js')).reachCommand(context, async (directory, filter) =>
        (await import('./reach.js')).reachOfDirectory(directory, filter),
      ),
  ],
  ['status', async (context) => (await import('./cli/status.js')).statusCommand(context)],
  ['get', async (context) => (await import('./cli/get.js')).getCommand(context)],
  ['flows', async (context) => (await import('./cli/flows.js')).flowsCommand(context)],
  ['log', async (context) => (await import('./cli/log.js')).logCommand(context)],
  ['explain', async (context) => (await import('./cli/explain.js')).explainCommand(context)],
  ['attach', async (context) => (await import('./cli/attach.js')).attachCommand(context)],
  ['detach', async (context) => (await import('./cli/detach.js')).detachCommand(context)],
  ['lab', labCommand],
  ['wire', wireCommand],
  [
    'schema',
    async (context) =>
      (await import('./cli/schema.js')).schemaCommand(context, async () => (await policy()).jsonSchema()),
  ],
])

async function labCommand(context: Context): Promise<Command> {
  const { Client } = await import('./api/client.js')
  const { labPending } = await import('./cli/lab-pending.js')
  const { labWorkloads } = await import('./cli/lab-workloads.js')
  const { labCommand } = await import('./cli/lab.js')
  return labCommand(context, {
    fetchWorkloads: (socket) => labWorkloads(new Client(socket)),
    fetchPending: (socket, place) => labPending(new Client(socket), place),
  })
}

async function wireCommand(context: Context): Promise<Command> {
  const { flowToHex, hexToText, versionNumbers } = await import('./openflow/index.js')
  const { wireCommand } = await import('./cli/wire.js')
  return wireCommand(context, {
    decode: hexToText,
    encode: (flow, version) => flowToHex(flow, versionNumbers[version]),
  })
}

await runProcess(version, (context, called) => {
  const made = commands.get(called)
  return Promise.all(made ? [made(context)] : [...commands.values()].map((make) => make(context)))
})
