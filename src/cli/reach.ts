import { Command } from 'commander'
import type { PolicyErrorView } from '../api/contract.js'
import { defaultPolicies, expectDirectory } from './check.js'
import { type Context, withExample } from './context.js'
import { no } from './failure.js'
import { errorText, placeOf } from './place.js'
import { formatTable } from './table.js'

/** What decides of ports of a pair. */
interface Cause {
  readonly reason: string
  readonly direction?: string
  readonly verdict?: string
  readonly object?: string
  readonly index?: number
  readonly file?: string
  readonly line?: number
}

/** Ports of a pair that fare alike. */
interface Pair {
  readonly from: string
  readonly to: string
  readonly version: number
  readonly addresses?: readonly string[]
  readonly ports: readonly string[]
  readonly allowed: boolean
  readonly by: readonly Cause[]
}

interface Filter {
  readonly from?: string
  readonly to?: string
  readonly tenant?: string
}

/** What a directory says of who can talk to whom. */
export type ReachOfDirectory = (
  directory: string,
  filter: Filter,
) => Promise<{
  readonly errors: readonly PolicyErrorView[]
  has(workload: string): boolean
  readonly pairs: Iterable<Pair>
}>

/** `sluice reach` */
export function reachCommand({ output }: Context, reachOfDirectory: ReachOfDirectory): Command {
  const command = new Command('reach')
    .description('who can talk to whom according to a directory of policy files; needs no controller')
    .argument('[dir]', 'directory of policy files', defaultPolicies)
    .option('--from <end>', 'only what this workload (TENANT/NAME) sends, or `outside`')
    .option('--to <end>', 'only what this workload (TENANT/NAME) receives, or `outside`')
    .option('--tenant <tenant>', 'only pairs of which one end is of this tenant')
    .option('--json', 'print one JSON value')
    .action(async (directory: string, options: Filter & { json?: true }) => {
      await expectDirectory(directory)
      const { from, to, tenant } = options
      const filter = { ...(from && { from }), ...(to && { to }), ...(tenant && { tenant }) }
      const { errors, has, pairs } = await reachOfDirectory(directory, filter)
      for (const error of errors) output.message(errorText(error))
      if (errors.length > 0) throw no()
      for (const end of [from, to])
        if (end !== undefined && end !== 'outside' && !has(end)) throw no(`workload ${end} does not exist`)
      if (options.json) return output.jsonArray(iterate(pairs))
      const rows = Array.from(pairs, (pair) => rowOf(pair, (text) => output.paint('red', text)))
      if (rows.length === 0) return output.message('no pair of workloads')
      const heading = ['FROM', 'TO', 'IP', 'PORTS', 'VERDICT', 'BY']
      for (const line of formatTable([heading, ...rows])) await output.line(line)
    })
  return withExample(command, 'sluice reach policies', 'sluice reach policies --from usr1/web --json')
}

async function* iterate<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values
}

function rowOf(pair: Pair, alarm: (text: string) => string): readonly string[] {
  const { from, version, ports, allowed, by } = pair
  const causes = by.length === 0 ? '-' : by.map(causeText).join(', ')
  const verdict = allowed ? 'allowed' : alarm(by[0]?.verdict === 'reject' ? 'rejected' : 'denied')
  return [from, targetText(pair), `v${version}`, ports.join(','), verdict, causes]
}

/** `outside`, with the blocks that are meant where it is not all that no other line has. */
function targetText({ to, addresses: [first = '/0', ...rest] = [] }: Pair): string {
  if (first.endsWith('/0') && rest.length === 0) return to
  const more = rest.length > 2 ? ` and ${rest.length - 2} more` : ''
  return `${to} ${[first, ...rest.slice(0, 2)].join(',')}${more}`
}

function causeText(cause: Cause): string {
  const { reason, direction, object, index } = cause
  if (object === undefined) return reason
  if (direction === undefined) return `${placeOf(cause)} (${object})`
  const what = index === undefined ? `no rule for ${direction}` : `${direction} ${index}`
  return `${placeOf(cause)} (${object} ${what})`
}
