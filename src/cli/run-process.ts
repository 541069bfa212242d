import type { OutputStream } from './io.js'
import { type MakeCommands, runProgram } from './program.js'

/**
 * Runs the command line of this process and sets its exit status, unless a command has set one of its own. A reader that
 * leaves early (`| head`) ends the process quietly.
 */
export async function runProcess(version: string, makeCommands: MakeCommands): Promise<void> {
  endWithReader(process.stdout)
  endWithReader(process.stderr)
  const { stdout, stderr, env } = process
  const status = await runProgram(process.argv.slice(2), version, makeCommands, {
    get stdin() {
      return process.stdin
    },
    stdout,
    stderr,
    env,
    signals: process,
  })
  if (status !== 0) process.exitCode = status
}

function endWithReader(stream: OutputStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
}
