import { type Command, Option } from 'commander'
import { Client } from '../api/client.js'
import type { Io } from './io.js'
import { Output } from './output.js'

/** Where the controller's socket is unless something else is said. */
export const defaultSocket = '/run/sluice/sluice.sock'

/** What every command is given. */
export interface Context {
  readonly io: Io
  readonly output: Output
}

export function createContext(io: Io): Context {
  return { io, output: new Output(io) }
}

export interface SocketOption {
  readonly socket?: string
}

/** Adds `--socket`, which all commands that talk to the controller share. */
export function withSocket(command: Command): Command {
  return command.addOption(
    new Option('--socket <path>', `socket of the controller (default: $SLUICE_SOCKET or ${defaultSocket})`),
  )
}

/** The socket's path: the option, or the environment, or the default. */
export function socketPath({ io }: Context, options: SocketOption): string {
  return options.socket ?? (io.env.SLUICE_SOCKET || defaultSocket)
}

export function clientOf(context: Context, options: SocketOption): Client {
  return new Client(socketPath(context, options))
}

/** Adds an example to a command's help. */
export function withExample(command: Command, ...examples: readonly string[]): Command {
  const title = examples.length === 1 ? 'Example:' : 'Examples:'
  return command.addHelpText('after', `\n${title}\n${examples.map((example) => `  $ ${example}`).join('\n')}`)
}
