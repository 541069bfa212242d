import { once } from 'node:events'
import { resolve } from 'node:path'
import { Command } from 'commander'
import {
  defaultRoot,
  exitStatus,
  type FetchPending,
  type FetchWorkloads,
  Lab,
  LabError,
  type LabStatus,
  labsOf,
  labUp,
  readPlan,
} from '../lab/index.js'
import { expectDirectory } from './check.js'
import { defaultSocket } from './context.js'

export interface LabCommandOptions {
  /** How to start this program; `run …` is added. Default: as it was started now. */
  readonly program?: readonly string[]
  readonly fetchWorkloads?: FetchWorkloads
  readonly fetchPending?: FetchPending
}

/** `sluice lab` (cli.md): a cluster on this machine. */
export function labCommand(options: LabCommandOptions = {}): Command {
  return new Command('lab')
    .description('a cluster on this machine, in network namespaces, from a policy directory')
    .enablePositionalOptions()
    .addHelpText('after', example('up policies/tenants-gre'))
    .addCommand(upCommand(options))
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(execCommand())
}

const example = (line: string): string => `\nExample:\n  $ sluice lab ${line}\n`
const rootOption = ['--root <dir>', 'where run directories are', defaultRoot] as const
const labOption = ['--lab <name>', 'which lab, where several are up'] as const
const tell = (line: string): void => void process.stderr.write(`${line}\n`)

interface UpFlags {
  readonly root: string
  readonly socket?: string
  readonly controller: boolean
}

const upCommand = ({ program, fetchWorkloads, fetchPending }: LabCommandOptions): Command =>
  new Command('up')
    .description('builds what the Lab document says, or what is missing of it, and starts the controller')
    .argument('[dir]', 'policy directory', '.')
    .option('--no-controller', 'builds hosts and namespaces only; nothing is plugged in')
    .option('--socket <path>', `socket of the controller (default: $SLUICE_SOCKET or ${defaultSocket})`)
    .option(...rootOption)
    .addHelpText('after', example('up policies/tenants-gre'))
    .action((directory: string, flags: UpFlags) =>
      answer(async () => {
        await expectDirectory(directory)
        const { root, socket = process.env.SLUICE_SOCKET || defaultSocket } = flags
        const command = program ?? [process.execPath, ...process.argv.slice(1, 2)]
        const controller = { command, policies: resolve(directory), socket: resolve(socket) }
        const plan = readPlan(directory)
        await labUp(plan, {
          root,
          progress: tell,
          ...(flags.controller ? { controller } : {}),
          ...(fetchWorkloads === undefined ? {} : { fetchWorkloads }),
          ...(fetchPending === undefined ? {} : { fetchPending }),
        })
        tell(`lab ${plan.name} is up`)
        return 0
      }),
    )

interface LabFlags {
  readonly root: string
  readonly lab?: string
}

/** The lab that is meant: the one that is up, where no name is given. */
function chosenLab({ root, lab }: LabFlags): Lab {
  const names = labsOf(root)
  if (lab === undefined && names.length > 1) {
    throw new LabError('unknown-name', 'several labs are up, say which with --lab', names)
  }
  const name = lab ?? names[0]
  if (name === undefined) throw new LabError('not-running', 'no lab is up')
  return new Lab(name, { root })
}

const downCommand = (): Command =>
  new Command('down')
    .description('removes the lab: its processes, namespaces, links and files')
    .option(...labOption)
    .option(...rootOption)
    .addHelpText('after', example('down'))
    .action((flags: LabFlags) =>
      answer(async () => {
        if (flags.lab === undefined && labsOf(flags.root).length === 0) return 0
        await chosenLab(flags).down()
        return 0
      }),
    )

const statusCommand = (): Command =>
  new Command('status')
    .description('what runs')
    .option('--json', 'one JSON value')
    .option(...labOption)
    .option(...rootOption)
    .addHelpText('after', example('status --json'))
    .action((flags: LabFlags & { readonly json?: boolean }) =>
      answer(async () => {
        const status = chosenLab(flags).status()
        process.stdout.write(flags.json === true ? `${JSON.stringify(status)}\n` : table(rows(status)))
        return 0
      }),
    )

const execCommand = (): Command =>
  new Command('exec')
    .description('runs a command in the namespace of a workload, a host, outside, station or controller')
    .argument(
      '<name>',
      'tenant/name, or name where only one tenant has it; a host; outside; station; controller',
    )
    .argument('<command...>')
    .passThroughOptions()
    .option(...labOption)
    .option(...rootOption)
    .addHelpText('after', example('exec usr1-1 -- ping -c 3 192.168.1.3'))
    .action((name: string, command: string[], flags: LabFlags) =>
      answer(async () => {
        const child = chosenLab(flags).spawn(name, command[0] === '--' ? command.slice(1) : command, {
          stdio: 'inherit',
        })
        // The terminal sends SIGINT to the command as well, whose answer then is this one's.
        const forward = (signal: NodeJS.Signals) => void child.kill(signal)
        const ignore = () => undefined
        process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', ignore)
        const [code, signal] = await once(child, 'exit')
        return exitStatus(code, signal)
      }),
    )

/** Exit status by what went wrong (cli.md): the directory or the lab says no; the controller cannot be reached. */
async function answer(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    tell(`error: ${error.message} [${error.code}]`)
    process.exitCode = error.code === 'controller-failed' ? 3 : error.code === 'unknown-name' ? 2 : 1
  }
}

const running = (pid: number | null): string => (pid === null ? 'dead' : String(pid))

function rows(status: LabStatus): string[][] {
  const { controller } = status
  return [
    ['KIND', 'NAME', 'ON', 'ADDRESSES', 'PROCESSES'],
    ...status.hosts.map(({ name, addresses, ovsdbServer, vswitchd }) => [
      'host',
      name,
      '',
      addresses.join(' '),
      `ovsdb-server ${running(ovsdbServer)}, ovs-vswitchd ${running(vswitchd)}`,
    ]),
    ...status.workloads.map(({ name, host, addresses }) => [
      'workload',
      name,
      host ?? 'not plugged in',
      addresses.join(' '),
      '',
    ]),
    ...status.stations.map(({ name, addresses }) => [
      'station',
      name,
      '',
      addresses.join(' '),
      name === 'controller' && controller !== null ? `sluice ${running(controller.pid)}` : '',
    ]),
  ]
}

function table(lines: readonly (readonly string[])[]): string {
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}
