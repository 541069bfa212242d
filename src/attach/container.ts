import type { Outcome, Run } from './command.js'
import { AttachError } from './error.js'
import { firstChild } from './netns.js'

export const runtimes = ['docker', 'podman', 'lxc', 'libvirt'] as const
export type Runtime = (typeof runtimes)[number]

interface Question {
  readonly argv: (name: string) => readonly string[]
  /** The pid of a process of the container, from what the command said; 0 where it does not run. */
  readonly pid: (stdout: string) => number | undefined
}

const inspect = (command: string): Question => ({
  argv: (name) => [command, 'inspect', '--type', 'container', '--format', '{{.State.Pid}}', '--', name],
  pid: Number,
})

const questions: Readonly<Record<Runtime, Question>> = {
  docker: inspect('docker'),
  podman: inspect('podman'),
  lxc: { argv: (name) => ['lxc-info', '--no-humanize', '--pid', '--name', name], pid: Number },
  // The id of a domain of libvirt-lxc is the pid of its controller; the container's init is that one's child.
  libvirt: {
    argv: (name) => ['virsh', '--quiet', '--connect', 'lxc:///system', 'domid', '--domain', name],
    pid: (stdout) => (Number(stdout) > 0 ? firstChild(Number(stdout)) : 0),
  },
}

/**
 * The pid of a process inside a running container, asked of the runtimes that the host has, or of one. Throws
 * AttachError `no-container`, or `ambiguous-container` where several run one of that name.
 */
export async function containerPid(run: Run, name: string, only?: Runtime): Promise<number> {
  const asked = only === undefined ? runtimes : [only]
  const answers = await Promise.all(asked.map((runtime) => ask(run, runtime, name)))
  const found = answers.filter((answer) => answer.pid !== undefined)
  const [first, second] = found
  if (first?.pid !== undefined && second === undefined) return first.pid
  if (first && second)
    throw new AttachError(
      'ambiguous-container',
      `${found.map(({ runtime }) => runtime).join(' and ')} each run a container ${name}: say --runtime`,
    )
  const said = answers.map(({ runtime, reason }) => `  ${runtime}: ${reason ?? 'does not run it'}`)
  throw new AttachError('no-container', [`no container ${name} runs`, ...said].join('\n'))
}

interface Answer {
  readonly runtime: Runtime
  readonly pid?: number
  readonly reason?: string
}

async function ask(run: Run, runtime: Runtime, name: string): Promise<Answer> {
  const { argv, pid } = questions[runtime]
  const outcome = await attempt(run, argv(name))
  if (outcome === undefined) return { runtime, reason: 'not on this host' }
  if (outcome.status !== 0) return { runtime, reason: outcome.stderr.trim().split('\n')[0] ?? '' }
  const answer = pid(outcome.stdout.trim())
  return answer !== undefined && Number.isInteger(answer) && answer > 0
    ? { runtime, pid: answer }
    : { runtime }
}

/** Undefined where there is no such command. */
async function attempt(run: Run, argv: readonly string[]): Promise<Outcome | undefined> {
  try {
    return await run(argv)
  } catch (error) {
    const cause = error instanceof AttachError ? error.cause : undefined
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw error
  }
}
