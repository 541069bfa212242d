import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { runProgram } from '../../src/cli/program.js'
import { fakeCommands, type Parts } from './fake-commands.js'

/** What a command line did. */
export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions extends Partial<Parts> {
  readonly env?: Record<string, string>
  readonly stdin?: string
  /** Both outputs are terminals. */
  readonly terminal?: boolean
}

/** Runs a command line within this process. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const stdout = new Capture(options.terminal === true)
  const stderr = new Capture(options.terminal === true)
  const stdin = Readable.from([options.stdin ?? ''])
  const io = { stdin, stdout, stderr, env: options.env ?? {}, signals: new EventEmitter() }
  const status = await runProgram(args, '1.2.3', (context) => fakeCommands(context, options), io)
  await Promise.all([stdout.finish(), stderr.finish()])
  return { status, stdout: stdout.text, stderr: stderr.text }
}

class Capture extends PassThrough {
  text = ''

  constructor(readonly isTTY: boolean) {
    super()
    this.on('data', (chunk) => {
      this.text += String(chunk)
    })
  }

  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.once('end', resolve)
      this.end()
    })
  }
}
