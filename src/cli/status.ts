import { Command, InvalidArgumentError } from 'commander'
import type { Client } from '../api/client.js'
import type { Status } from '../api/contract.js'
import { type Context, clientOf, type SocketOption, withExample, withSocket } from './context.js'
import { no } from './failure.js'
import { statusLines, waitingFor } from './status-text.js'

const defaultWaitSeconds = 60
const maxWaitSeconds = 86_400

/** `sluice status` */
export function statusCommand(context: Context): Command {
  const { output } = context
  const command = new Command('status')
    .description('show the revision in force, errors of the files, and each host')
    .option(
      '--wait [seconds]',
      `wait until every reachable host has it (default: ${defaultWaitSeconds} s)`,
      seconds,
    )
    .option('--json', 'print one JSON value')
    .action(async (options: SocketOption & { wait?: number | true; json?: true }) => {
      const client = clientOf(context, options)
      const wait = options.wait === true ? defaultWaitSeconds : options.wait
      const status =
        wait === undefined ? await client.status() : await waitWithProgress(context, client, wait)
      if (options.json) await output.json(status)
      else for (const line of statusLines(status, output)) await output.line(line)
      if (wait !== undefined && !status.converged)
        throw no(`not converged after ${wait} s: ${waitingFor(status)}`)
    })
  return withExample(withSocket(command), 'sluice status', 'sluice status --wait=30 --json')
}

async function waitWithProgress({ output }: Context, client: Client, seconds: number): Promise<Status> {
  if (!output.showsProgress) return client.wait(seconds)
  const watching = new AbortController()
  const show = async () => {
    for await (const status of client.watch(watching.signal)) output.progress(waitingFor(status))
  }
  const [status] = await Promise.all([client.wait(seconds).finally(() => watching.abort()), show()])
  output.endProgress()
  return status
}

function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= maxWaitSeconds))
    throw new InvalidArgumentError(`expected seconds, 0 to ${maxWaitSeconds}.`)
  return value
}
