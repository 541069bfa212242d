import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { LabError } from './error.js'
import type { Site } from './names.js'

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

/** The variable that marks every process of a lab, so that `down` finds it before it entered a namespace. */
export const marker = 'SLUICE_LAB'

/** The environment of each process of the lab. */
export const environment = (site: Site, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  ...env,
  [marker]: site.name,
})

/** `argv` as run inside a namespace of the lab. */
export const inNamespace = (namespace: string, argv: readonly string[]): string[] => [
  'ip',
  'netns',
  'exec',
  namespace,
  ...argv,
]

/**
 * Runs a command to its end, in a process group of its own. Throws LabError `timeout`, or `command-failed`
 * where it cannot be started; any exit status is an outcome.
 */
export function run(site: Site, argv: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const [file = '', ...args] = argv
  const { timeoutMs = 60_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: environment(site, options.env), detached: true })
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
        reject(new LabError('command-failed', `cannot write to ${file}`, [], { cause }))
    })
    child.stdin.end(options.input ?? '')
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new LabError('command-failed', `cannot run ${file}`, [], { cause }))
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (late) reject(new LabError('timeout', `no end within ${timeoutMs} ms: ${argv.join(' ')}`))
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

/** Standard output of a command that must succeed. Throws LabError `command-failed` with what it said. */
export async function output(site: Site, argv: readonly string[], options?: CommandOptions): Promise<string> {
  const { stdout, stderr, status } = await run(site, argv, options)
  if (status !== 0) {
    throw new LabError('command-failed', `${argv.join(' ')} ended with ${status}`, [
      ...stderr.trim().split('\n'),
      ...(options?.input === undefined ? [] : options.input.trim().split('\n').slice(0, 20)),
    ])
  }
  return stdout
}

/** `ip -batch` of these lines, inside a namespace or (without one) over all of them. */
export async function ipBatch(
  site: Site,
  namespace: string | undefined,
  lines: readonly string[],
): Promise<void> {
  if (lines.length === 0) return
  const where = namespace === undefined ? [] : ['-n', namespace]
  await output(site, ['ip', ...where, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

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
