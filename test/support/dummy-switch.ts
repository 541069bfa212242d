/** A private Open vSwitch with a dummy datapath, for tests: nothing of it outlives {@link DummySwitch.stop}. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface DummySwitch {
  /** Bridge `br0` has ports 1 to 4. */
  readonly bridge: string
  /** The database, as `ovs-vsctl --db` takes it. */
  readonly database: string
  /** Socket of the bridge that speaks OpenFlow. */
  readonly socket: string
  /** Runs a tool of Open vSwitch against this switch; answers what it prints. */
  tool(name: string, ...args: string[]): Promise<string>
  stop(): Promise<void>
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function appear(path: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 500 && child.exitCode === null; tries++) {
    if (existsSync(path)) return
    await sleep(20)
  }
  throw new Error(`${path} did not appear`)
}

/** Starts database and switch, and makes a bridge. */
export async function startDummySwitch(): Promise<DummySwitch> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-switch-'))
  const env = { ...process.env, OVS_RUNDIR: dir, OVS_DBDIR: dir, OVS_LOGDIR: dir, OVS_SYSCONFDIR: dir }
  const database = join(dir, 'conf.db')
  const dbSocket = join(dir, 'db.sock')
  const children: ChildProcess[] = []
  const start = (name: string, ...args: string[]): ChildProcess => {
    // The daemons end with the test that started them, also when that is killed.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], { env, stdio: 'ignore' })
    children.push(child)
    return child
  }
  const tool = async (name: string, ...args: string[]): Promise<string> => {
    const { stdout } = await run(name, args, { env, maxBuffer: 1 << 26 })
    return stdout
  }
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await end(child)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await tool('ovsdb-tool', 'create', database, '/usr/share/openvswitch/vswitch.ovsschema')
    const server = start(
      'ovsdb-server',
      `--remote=punix:${dbSocket}`,
      `--unixctl=${join(dir, 'db.ctl')}`,
      '-vconsole:off',
      database,
    )
    await appear(dbSocket, server)
    const daemon = start(
      'ovs-vswitchd',
      '--enable-dummy',
      `--unixctl=${join(dir, 'switch.ctl')}`,
      '-vconsole:off',
      `unix:${dbSocket}`,
    )
    const vsctl = ['ovs-vsctl', `--db=unix:${dbSocket}`, '--timeout=20'] as const
    const ports = [1, 2, 3, 4].flatMap((n) => [
      ...['--', 'add-port', 'br0', `p${n}`],
      ...['--', 'set', 'interface', `p${n}`, 'type=dummy', `ofport_request=${n}`],
    ])
    await tool(
      ...vsctl,
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      'protocols=OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15',
      ...ports,
    )
    const socket = join(dir, 'br0.mgmt')
    await appear(socket, daemon)
    return { bridge: `unix:${socket}`, database: `unix:${dbSocket}`, socket, tool, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}
