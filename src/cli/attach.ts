import { Command, Option } from 'commander'
import {
  AttachError,
  type Attached,
  type Attachment,
  attachHere,
  checkFacts,
  checkForeign,
  containerPid,
  type Facts,
  isDeviceName,
  namedNetns,
  processNetns,
  type Runtime,
  runCommand,
  runtimes,
} from '../attach/index.js'
import { type Context, withExample } from './context.js'
import { wrongUsage } from './failure.js'
import { hostDatabase } from './host-database.js'
import { whileRunning } from './stop.js'

export const defaultBridge = 'br-int'

interface AttachFlags {
  readonly netns?: string
  readonly pid?: string
  readonly container?: string
  readonly runtime?: Runtime
  readonly tap?: string
  readonly ifname: string
  readonly bridge: string
  readonly db?: string
  readonly address?: readonly string[]
  readonly gateway?: readonly string[]
  readonly mac?: string
  readonly mtu?: string
  readonly dhcp?: true
  readonly network?: string
  readonly wait: string
  readonly json?: true
}

/** `sluice attach` */
export function attachCommand(context: Context): Command {
  const command = new Command('attach')
    .description('plug a namespace, container or TAP device of this host into the bridge, as a workload')
    .argument('<workload>', "TENANT/NAME, or what the workload's `interface` says")
    .option('--netns <name>', 'network namespace by name (ip netns) or path')
    .option('--pid <pid>', 'network namespace of a process')
    .option('--container <name>', 'running container')
    .addOption(new Option('--runtime <runtime>', 'whose container it is (default: any)').choices(runtimes))
    .option('--tap <device>', 'TAP device of a virtual machine')
    .option('--ifname <name>', 'name of the device in the namespace', 'eth0')
    .option('--bridge <name>', "the controller's bridge", defaultBridge)
    .option('--db <address>', "the host's OVSDB (default: the local socket)")
    .option('--address <address>', 'ADDRESS/LENGTH, may be repeated; the controller is not asked', append)
    .option('--gateway <address>', 'default route, may be repeated', append)
    .option('--dhcp', 'leave addresses and routes to a DHCP client in the workload')
    .option('--mac <mac>', 'MAC of the workload')
    .option('--mtu <bytes>', 'MTU of the workload')
    .option('--network <name>', 'TENANT/NETWORK of a workload that no file declares')
    .option(
      '--wait <seconds>',
      'time for the controller to say what the workload was given; 0: do not ask',
      '5',
    )
    .option('--json', 'print one JSON value')
    .action((workload: string, flags: AttachFlags) => run(context, workload, flags))
  return withExample(
    command,
    'sluice attach usr1/usr1-1 --container web',
    'sluice attach usr1/usr1-1 --netns blue --address 192.168.1.2/24 --gateway 192.168.1.1 --mtu 1458',
    'sluice attach usr1/usr1-1 --netns blue --dhcp',
    'sluice attach usr1/vm7 --tap tap7',
  )
}

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function run(context: Context, workload: string, flags: AttachFlags): Promise<void> {
  const seconds = Number(flags.wait)
  if (!(seconds >= 0 && seconds <= 3600)) throw wrongUsage(`--wait ${flags.wait} is no number of seconds`)
  const attachment = await attachmentOf(workload, flags, seconds > 0)
  const db = hostDatabase(context, flags)
  const attached = await whileRunning(context.io, (signal) =>
    attachHere(attachment, { db, signal, answerWithinMs: seconds * 1000 }),
  )
  if (attached.unknown)
    context.output.message(
      `warning: the controller knows no workload ${workload}: it is plugged in without an address`,
    )
  return flags.json ? context.output.json(view(attached)) : context.output.line(text(attached))
}

async function attachmentOf(workload: string, flags: AttachFlags, ask: boolean): Promise<Attachment> {
  const { bridge, network } = flags
  if (workload === '') throw wrongUsage('the workload has no name')
  if (network !== undefined && !/^[^/]+\/[^/]+$/.test(network))
    throw wrongUsage(`--network ${network} is not TENANT/NETWORK`)
  if (flags.dhcp && (flags.address || flags.tap !== undefined || !ask))
    throw wrongUsage('--dhcp goes neither with --address nor with --tap nor with --wait 0')
  const facts = factsOf(flags, ask)
  const plug = await plugOf(flags)
  return {
    interface: workload,
    bridge,
    plug,
    ...(facts ? { facts } : {}),
    ...(flags.dhcp && { dhcp: true }),
    ...(network === undefined ? {} : { network }),
  }
}

/** What was given on the command line; undefined where the controller is to be asked. */
function factsOf({ address, gateway, mac, mtu, tap }: AttachFlags, ask: boolean): Facts | undefined {
  if (!address && ask && tap === undefined) {
    if (gateway || mac || mtu) throw wrongUsage('--gateway, --mac and --mtu need --address, or --wait 0')
    return undefined
  }
  try {
    return checkFacts({ addresses: address ?? [], gateways: gateway ?? [], mac, mtu })
  } catch (error) {
    if (error instanceof AttachError) throw wrongUsage(error.message, { cause: error })
    throw error
  }
}

async function plugOf(flags: AttachFlags): Promise<Attachment['plug']> {
  const { netns, pid, container, tap, ifname, runtime } = flags
  const given = [netns, pid, container, tap].filter((each) => each !== undefined)
  if (given.length !== 1)
    throw wrongUsage('one of --netns, --pid, --container and --tap says what to plug in')
  for (const name of tap === undefined ? [ifname] : [tap])
    if (!isDeviceName(name)) throw wrongUsage(`${name} cannot be the name of a device`)
  if (tap !== undefined) return { kind: 'tap', device: tap }
  if (pid !== undefined && !/^[1-9]\d*$/.test(pid)) throw wrongUsage(`--pid ${pid} is no process id`)
  const path =
    netns === undefined
      ? processNetns(
          Number(pid ?? (await containerPid((argv) => runCommand(argv), container ?? '', runtime))),
        )
      : namedNetns(netns)
  checkForeign(path)
  return { kind: 'veth', netns: path, device: ifname }
}

const view = ({ attachment, port, facts }: Attached) => ({
  workload: attachment.interface,
  bridge: attachment.bridge,
  port,
  ...(attachment.plug.kind === 'veth' ? { ifname: attachment.plug.device } : {}),
  ...facts,
})

const text = ({ attachment, port, facts: { addresses, mtu } }: Attached): string =>
  [
    `${attachment.interface} is port ${port} of ${attachment.bridge}`,
    ...(attachment.plug.kind === 'tap' ? [] : [addresses.join(' ') || 'no address']),
    ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
  ].join(', ')
