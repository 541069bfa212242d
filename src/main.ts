import { readFileSync } from 'node:fs'
import { explainCommand } from './cli/explain.js'
import { flowsCommand } from './cli/flows.js'
import { getCommand } from './cli/get.js'
import { runProcess } from './cli/run-process.js'
import { statusCommand } from './cli/status.js'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)

await runProcess(version, (context) => [
  statusCommand(context),
  getCommand(context),
  flowsCommand(context),
  explainCommand(context),
])
