import { Command } from 'commander'
import type { LogEnd, LogEntry, LogQuery } from '../api/contract.js'
import { toJson } from '../api/json.js'
import { type Context, clientOf, type SocketOption, withExample, withSocket } from './context.js'
import type { Output } from './output.js'
import { placeOf } from './place.js'
import { Columns } from './table.js'

interface LogOptions extends LogQuery, SocketOption {
  readonly follow?: true
  readonly json?: true
}

const conditions = ['tenant', 'workload', 'policy'] as const
const verdictStyle = { allow: 'green', deny: 'red', reject: 'red' } as const

/** `sluice log` */
export function logCommand(context: Context): Command {
  const command = new Command('log')
    .description('show what rules with "log: true" have allowed, denied and rejected, and by which line')
    .option('--follow', 'stay, and print every decision as it is made')
    .option('--tenant <tenant>', 'only where an end is of this tenant')
    .option('--workload <workload>', 'only where an end is this workload: NAME or TENANT/NAME')
    .option('--policy <policy>', 'only what this policy has decided: NAME or TENANT/NAME')
    .option('--json', 'print one JSON value; with --follow one per line')
    .action((options: LogOptions) => printLog(context, options))
  return withExample(withSocket(command), 'sluice log --follow --tenant usr1')
}

async function printLog(context: Context, options: LogOptions): Promise<void> {
  const { output } = context
  const client = clientOf(context, options)
  const query: LogQuery = Object.fromEntries(
    conditions.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )
  if (options.json && !options.follow) return output.jsonArray(client.log(query))
  const write = options.json ? (entry: LogEntry) => output.line(toJson(entry)) : lineWriter(output)
  for await (const entry of options.follow ? client.followLog(query) : client.log(query)) await write(entry)
}

/** Time, verdict, protocol, both ends, direction and host, rule and its place. */
function lineWriter(output: Output): (entry: LogEntry) => Promise<void> {
  const columns = new Columns()
  return ({ time, verdict, protocol, icmp, source, destination, direction, host, rule }) =>
    output.line(
      columns.format([
        time,
        output.paint(verdictStyle[verdict], verdict.padEnd('reject'.length)),
        icmp === undefined ? protocol : `${protocol}/${icmp.type}`,
        `${endText(source)} → ${endText(destination)}`,
        `${direction} at ${host}`,
        `${rule.object.slice(rule.object.indexOf('/') + 1)} ${rule.rule}`,
        output.paint('cyan', placeOf(rule)),
      ]),
    )
}

/** The workload, if it is one, and the address with its port, as URLs write them. */
function endText({ address, port, workload }: LogEnd): string {
  const host = address.includes(':') && port !== undefined ? `[${address}]` : address
  const place = port === undefined ? host : `${host}:${port}`
  return workload === undefined ? place : `${workload} ${place}`
}
