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
import { type Context, type SocketOption, socketPath, withExample, withSocket } from './context.js'
import type { Output } from './output.js'
import { formatTable } from './table.js'

export interface LabCommandOptions {
  /** How to start this program; `run …` is added. Default: as it was started now. */
  readonly program?: readonly string[]
  readonly fetchWorkloads?: FetchWorkloads
  readonly fetchPending?: FetchPending
}

/** `sluice lab` (cli.md): a cluster on this machine. */
export function labCommand(context: Context, options: LabCommandOptions = {}): Command {
  const command = new Command('lab')
    .description('a cluster on this machine, in network namespaces, from a policy directory')
    .enablePositionalOptions()
    .addCommand(upCommand(context, options))
    .addCommand(downCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(execCommand(context))
  return withExample(command, 'sluice lab up policies/tenants-gre')
}

const rootOption = ['--root <dir>', 'where run directories are', defaultRoot] as const
const labOption = ['--lab <name>', 'which lab, where several are up'] as const

interface UpFlags extends SocketOption {
  readonly root: string
  readonly controller: boolean
}

function upCommand(context: Context, { program, fetchWorkloads, fetchPending }: LabCommandOptions): Command {
  const { output } = context
  const command = new Command('up')
    .description('builds what the Lab document says, or what is missing of it, and starts the controller')
    .argument('[dir]', 'policy directory', '.')
    .option('--no-controller', 'builds hosts and namespaces only; nothing is plugged in')
    .option(...rootOption)
    .action((directory: string, flags: UpFlags) =>
      answer(output, async () => {
        await expectDirectory(directory)
        const controller = {
          command: program ?? [process.execPath, ...process.argv.slice(1, 2)],
          policies: resolve(directory),
          socket: resolve(socketPath(context, flags)),
        }
        const plan = readPlan(directory)
        await labUp(plan, {
          root: flags.root,
          progress: (line) => output.message(line),
          ...(flags.controller ? { controller } : {}),
          ...(fetchWorkloads === undefined ? {} : { fetchWorkloads }),
          ...(fetchPending === undefined ? {} : { fetchPending }),
        })
        output.message(`lab ${plan.name} is up`)
        return 0
      }),
    )
  return withExample(withSocket(command), 'sluice lab up policies/tenants-gre')
}

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

function downCommand({ output }: Context): Command {
  const command = new Command('down')
    .description('removes the lab: its processes, namespaces, links and files')
    .option(...labOption)
    .option(...rootOption)
    .action((flags: LabFlags) =>
      answer(output, async () => {
        if (flags.lab === undefined && labsOf(flags.root).length === 0) return 0
        await chosenLab(flags).down()
        return 0
      }),
    )
  return withExample(command, 'sluice lab down')
}

function statusCommand({ output }: Context): Command {
  const command = new Command('status')
    .description('what runs')
    .option('--json', 'one JSON value')
    .option(...labOption)
    .option(...rootOption)
    .action((flags: LabFlags & { readonly json?: boolean }) =>
      answer(output, async () => {
        const status = chosenLab(flags).status()
        const lines = flags.json === true ? [JSON.stringify(status)] : formatTable(rows(status))
        for (const line of lines) await output.line(line)
        return 0
      }),
    )
  return withExample(command, 'sluice lab status --json')
}

function execCommand({ output }: Context): Command {
  const command = new Command('exec')
    .description('runs a command in the namespace of a workload, a host, outside, station or controller')
    .argument(
      '<name>',
      'tenant/name, or name where only one tenant has it; a host; outside; station; controller',
    )
    .argument('<command...>')
    .passThroughOptions()
    .option(...labOption)
    .option(...rootOption)
    .action((name: string, line: string[], flags: LabFlags) =>
      answer(output, async () => {
        const child = chosenLab(flags).spawn(name, line[0] === '--' ? line.slice(1) : line, {
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
  return withExample(command, 'sluice lab exec usr1-1 -- ping -c 3 192.168.1.3')
}

/** Exit status by what went wrong (cli.md): the directory or the lab says no; the controller cannot be reached. */
async function answer(output: Output, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    output.message(`error: ${error.message} [${error.code}]`)
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
