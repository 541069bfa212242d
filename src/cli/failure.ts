import { CommanderError } from 'commander'
import { AnswerError, UnreachableError } from '../api/client.js'

/** Done; the answer is no; wrong usage; the controller cannot be reached. */
export type ExitStatus = 0 | 1 | 2 | 3

/** A command ends with `status`; `message` is for the person who ran it, empty where the output says it all. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly code = 'command-failed'
  constructor(
    readonly status: ExitStatus,
    message = '',
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** The command was called in a way that cannot be meant. */
export function wrongUsage(message: string, options?: ErrorOptions): CommandFailure {
  return new CommandFailure(2, message, options)
}

/** The answer is no. */
export function no(message?: string): CommandFailure {
  return new CommandFailure(1, message)
}

const vocabulary = new Set(['unknown-kind', 'unknown-table', 'invalid-parameters'])

/** The exit status that an error stands for, and what to say about it. */
export function failureOf(error: unknown): { readonly status: ExitStatus; readonly message: string } {
  if (error instanceof CommandFailure) return { status: error.status, message: error.message }
  // Commander has printed its message, help or version already.
  if (error instanceof CommanderError) return { status: isHelp(error) ? 0 : 2, message: '' }
  if (error instanceof UnreachableError)
    return {
      status: 3,
      message: `${error.message}; start one with \`sluice run\`, or name its socket with --socket or SLUICE_SOCKET`,
    }
  if (error instanceof AnswerError)
    return { status: vocabulary.has(error.code) ? 2 : 1, message: error.message }
  return { status: 1, message: error instanceof Error ? error.message : String(error) }
}

function isHelp(error: CommanderError): boolean {
  return error.exitCode === 0
}
