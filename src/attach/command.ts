import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { AttachError } from './error.js'

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  /** Exit status; 128 and the signal's number after a signal. */
  readonly status: number
}

export interface CommandOptions {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Default 60,000. The whole process group is killed afterwards. */
  readonly timeoutMs?: number
}

/** Runs a command to its end in the network namespace of a host; the second argument is its standard input. */
export type Run = (argv: readonly string[], input?: string) => Promise<Outcome>

/**
 * Runs a command to its end, in a process group of its own. Throws AttachError `timeout`, or `command-failed` where it
 * cannot be started (its `cause` says why); any exit status is an outcome.
 */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const [file = '', ...args] = argv
  const { timeoutMs = 60_000, env = process.env } = options
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, detached: true })
    let late = false
    const timer = setTimeout(() => {
      late = true
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, timeoutMs)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (data: Buffer) => stdout.push(data))
    child.stderr.on('data', (data: Buffer) => stderr.push(data))
    // A command may end without reading its input; its exit status says what that means.
    child.stdin.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EPIPE')
        reject(new AttachError('command-failed', `cannot write to ${file}`, { cause }))
    })
    child.stdin.end(options.input ?? '')
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new AttachError('command-failed', `cannot run ${file}`, { cause }))
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (late) reject(new AttachError('timeout', `no end within ${timeoutMs} ms: ${argv.join(' ')}`))
      else
        resolve({
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
          status: exitStatus(code, signal),
        })
    })
  })
}

/** A shell's exit status for the two arguments of a child's `close` event. */
export const exitStatus = (code: number | null, signal: NodeJS.Signals | null): number =>
  signal === null ? (code ?? 1) : 128 + constants.signals[signal]

/** Standard output of a command that must succeed. Throws AttachError `command-failed` with what it said. */
export async function output(run: Run, argv: readonly string[], input?: string): Promise<string> {
  const { stdout, stderr, status } = await run(argv, input)
  if (status === 0) return stdout
  const said = [stderr.trim(), input?.trim()].filter((text) => text).join('\n')
  throw new AttachError('command-failed', `${argv.join(' ')} ended with ${status}\n${said}`)
}

/** `ip -batch` of these lines; of no lines it is nothing. */
export async function ipBatch(run: Run, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await output(run, ['ip', '-batch', '-'], `${lines.join('\n')}\n`)
}

/** Runs commands in another network namespace, by the path that stands for it. */
export const inNetns =
  (run: Run, path: string): Run =>
  (argv, input) =>
    run(['nsenter', `--net=${path}`, ...argv], input)

/** Calls `work` for each item, at most `limit` at a time; throws the first error once all that began have ended. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  let failure: { readonly error: unknown } | undefined
  const worker = async () => {
    for (const item of queue) {
      if (failure !== undefined) return
      try {
        await work(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (failure !== undefined) throw failure.error
}
