import { Command } from 'commander'
import { completionCommand } from './completion-command.js'
import { type Context, createContext } from './context.js'
import { failureOf } from './failure.js'
import type { Io } from './io.js'
import { versionCommand } from './version.js'

/** Makes the commands, in the order in which help shows them; where one of them is called it alone will do. */
export type MakeCommands = (
  context: Context,
  called: string,
) => readonly Command[] | Promise<readonly Command[]>

/**
 * Runs one command line, without the program's own name, and says its exit status: 0 done, 1 the answer is no, 2 wrong
 * usage, 3 the controller cannot be reached. Never rejects.
 */
export async function runProgram(
  args: readonly string[],
  version: string,
  makeCommands: MakeCommands,
  io: Io,
): Promise<number> {
  const context = createContext(io)
  try {
    const [called = ''] = args
    const commands = await makeCommands(context, called)
    await createProgram(version, commands, context).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    const { status, message } = failureOf(error)
    context.output.endProgress()
    if (message !== '') context.output.message(`error: ${message}`)
    return status
  }
}

function createProgram(version: string, specific: readonly Command[], context: Context): Command {
  const root = new Command('sluice')
    .description(
      'Controller for clusters of Open vSwitch hosts: policy files in, flows out, every flow explained.',
    )
    // What stands after a command is the command's, also where it looks like an option of the program.
    .enablePositionalOptions()
    .version(version, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      '\nExit status: 0 done, 1 the answer is no, 2 wrong usage, 3 the controller cannot be reached.',
    )
    .addHelpText('after', '\nExample:\n  $ sluice status --wait')
  const commands = [...specific, completionCommand(context, root), versionCommand(context, version)]
  for (const command of commands) root.addCommand(command)
  settle(root, context)
  return root
}

/** Lets a command and those below it write where the context says, and end by an error instead of ending the process. */
function settle(command: Command, context: Context): void {
  const { stdout, stderr } = context.io
  command.exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  })
  for (const below of command.commands) settle(below, context)
}
