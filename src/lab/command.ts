import { AttachError, type CommandOptions, type Outcome, runCommand } from '../attach/index.js'
import { LabError } from './error.js'
import type { Site } from './names.js'

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
export async function run(
  site: Site,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  try {
    return await runCommand(argv, { ...options, env: environment(site, options.env) })
  } catch (cause) {
    if (!(cause instanceof AttachError)) throw cause
    throw new LabError(cause.code === 'timeout' ? 'timeout' : 'command-failed', cause.message, [], { cause })
  }
}

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
