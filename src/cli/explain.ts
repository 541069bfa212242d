import { Command, InvalidArgumentError } from 'commander'
import { type Context, clientOf, type SocketOption, withExample, withSocket } from './context.js'
import { no } from './failure.js'
import { placeOf } from './place.js'
import { formatTable } from './table.js'

/** `sluice explain` */
export function explainCommand(context: Context): Command {
  const { output } = context
  const command = new Command('explain')
    .description('say what a flow is for')
    .argument('<cookie>', 'cookie of the flow: 0x and hexadecimal digits, or decimal', cookie)
    .option('--json', 'print one JSON value')
    .action(async (value: bigint, options: SocketOption & { json?: true }) => {
      const explanation = await clientOf(context, options).explain(value)
      if (options.json) await output.json(explanation)
      if (explanation === null) throw no(`no flow of this controller has the cookie 0x${value.toString(16)}`)
      if (options.json) return
      const rows = [
        ['cookie', explanation.cookie],
        ['object', explanation.source.object],
        ['place', placeOf(explanation.source)],
        ['table', `${explanation.tableName} (${explanation.table})`],
        ['rule', explanation.rule],
        ['hosts', explanation.hosts.join(', ') || '-'],
      ]
      for (const line of formatTable(rows)) await output.line(line)
    })
  return withExample(withSocket(command), 'sluice explain 0x28000000000001')
}

function cookie(text: string): bigint {
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) throw new InvalidArgumentError('expected 0x… or decimal digits.')
  const value = BigInt(text)
  if (value >= 1n << 64n) throw new InvalidArgumentError('a cookie has 64 bits.')
  return value
}
