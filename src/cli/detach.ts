import { Command } from 'commander'
import { detachHere } from '../attach/index.js'
import { type Context, withExample } from './context.js'
import { hostDatabase } from './host-database.js'

interface DetachFlags {
  readonly db?: string
  readonly json?: true
}

/** `sluice detach` */
export function detachCommand(context: Context): Command {
  const { output } = context
  const command = new Command('detach')
    .description('undo attach on this host, also after the container is gone')
    .argument('<workload>', 'as attach was given it')
    .option('--db <address>', "the host's OVSDB (default: the local socket)")
    .option('--json', 'print one JSON value')
    .action(async (workload: string, flags: DetachFlags) => {
      const detached = await detachHere(workload, { db: hostDatabase(context, flags) })
      if (flags.json) return output.json({ workload, ...detached })
      const removed = [...new Set([...detached.ports, ...detached.devices])]
      return output.line(
        removed.length === 0
          ? `${workload} is not attached to this host`
          : `${workload} is detached: ${removed.join(', ')}`,
      )
    })
  return withExample(command, 'sluice detach usr1/usr1-1')
}
