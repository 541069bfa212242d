import { Command } from 'commander'
import { type Context, withExample } from './context.js'

/** `sluice version` */
export function versionCommand({ output }: Context, version: string): Command {
  const command = new Command('version')
    .description('print the version')
    .option('--json', 'print one JSON value')
    .action((options: { json?: true }) => (options.json ? output.json({ version }) : output.line(version)))
  return withExample(command, 'sluice version')
}
