import { Command, Option } from 'commander'
import { toJson } from '../api/json.js'
import { type Context, withExample } from './context.js'
import { no } from './failure.js'
import { linesOf } from './lines.js'

export const wireVersions = ['1.3', '1.4', '1.5'] as const
export type WireVersion = (typeof wireVersions)[number]

/** What turns messages into text and flows into messages; both throw errors that have a `code` and may have an `offset`. */
export interface Wire {
  /** Text of a message that is given as hexadecimal digits. */
  decode(hex: string): string
  /** Hexadecimal digits of the FLOW_MOD that a line of `ovs-ofctl add-flows` stands for. */
  encode(flow: string, version: WireVersion): string
}

interface JsonOption {
  readonly json?: true
}

/** `sluice wire` */
export function wireCommand(context: Context, wire: Wire): Command {
  return new Command('wire')
    .description('OpenFlow for people: messages to text, flows to messages')
    .enablePositionalOptions()
    .addCommand(decodeCommand(context, wire))
    .addCommand(encodeCommand(context, wire))
    .addHelpText('after', "\nExample:\n  $ sluice wire encode 'ip,actions=output:1' | sluice wire decode")
}

function decodeCommand(context: Context, { decode }: Wire): Command {
  const command = new Command('decode')
    .description('print messages as text, as `ovs-ofctl ofp-print` does')
    .argument('[hex...]', 'messages in hexadecimal; without any, one per line of standard input')
    .option('--json', 'print one JSON value per message')
    .action((given: string[], options: JsonOption) =>
      each(context, given, options, 'text', (line) => decode(line)),
    )
  return withExample(command, 'sluice wire decode 0614000800000001')
}

function encodeCommand(context: Context, { encode }: Wire): Command {
  const command = new Command('encode')
    .description('print the FLOW_MODs of flows, in hexadecimal')
    .argument(
      '[flow...]',
      'flows as `ovs-ofctl add-flows` reads them, `delete …` too; without any, one per line of standard input',
    )
    .addOption(new Option('--version <version>', 'of OpenFlow').choices(wireVersions).default('1.5'))
    .option('--json', 'print one JSON value per flow')
    .action((given: string[], options: JsonOption & { version: WireVersion }) =>
      each(context, given, options, 'hex', (line) => `${encode(line, options.version)}\n`),
    )
  return withExample(command, "sluice wire encode --version 1.3 'table=1,ip,actions=resubmit(,2)'")
}

/** Turns one line after the other; a wrong one is marked where its answer would stand, and the rest goes on. */
async function each(
  { io, output }: Context,
  given: readonly string[],
  { json }: JsonOption,
  member: 'text' | 'hex',
  turn: (line: string) => string,
): Promise<void> {
  let wrong = 0
  for await (const [number, line] of linesOf(io, given)) {
    if (/^\s*(#.*)?$/.test(line) && given.length === 0) continue
    const answer = attempt(turn, line)
    if (typeof answer === 'string') {
      const whole = member === 'hex' ? answer.trimEnd() : answer
      await (json ? output.line(toJson({ [member]: whole })) : output.write(answer))
      continue
    }
    wrong++
    await output.line(json ? toJson({ error: answer }) : `error: ${answer.message}`)
    if (!json && !output.answersOnTerminal) output.message(`error: line ${number}: ${answer.message}`)
  }
  if (wrong > 0) throw no()
}

interface WireError {
  readonly code: string
  readonly message: string
  /** Bytes of a message or characters of a text; 0 where no place in particular is wrong. */
  readonly offset: number
}

function attempt(turn: (line: string) => string, line: string): string | WireError {
  try {
    return turn(line)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error
    const offset = 'offset' in error && typeof error.offset === 'number' ? error.offset : 0
    return { code: error.code, message: error.message, offset }
  }
}
