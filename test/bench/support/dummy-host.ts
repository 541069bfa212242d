import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bridge = 'br-int'
const portsAtOnce = 250

export interface DummyPort {
  readonly name: string
  readonly interface: string
  /** Whether every frame that leaves by the port is captured: see {@link DummyHost.captureOf}. */
  readonly captured?: boolean
}

/** A host whose switch forwards between ports that are no devices: ovsdb-server and ovs-vswitchd in a directory. */
export class DummyHost {
  #database: ChildProcess | undefined
  #switch: ChildProcess | undefined

  private constructor(readonly directory: string) {}

  /** Starts both daemons with an empty bridge. */
  static async start(directory: string): Promise<DummyHost> {
    const host = new DummyHost(directory)
    await mkdir(directory)
    await host.tool('ovsdb-tool', 'create', host.#path('conf.db'), '/usr/share/openvswitch/vswitch.ovsschema')
    host.#database = host.#spawn(
      'ovsdb-server',
      `--remote=punix:${host.#path('db.sock')}`,
      host.#path('conf.db'),
    )
    await appear(host.#path('db.sock'))
    await host.startSwitch()
    await host.#vsctl(
      'add-br',
      bridge,
      '--',
      'set',
      'Bridge',
      bridge,
      'datapath_type=dummy',
      'fail_mode=secure',
    )
    return host
  }

  /** Where the database listens. */
  get ovsdb(): string {
    return `unix:${this.#path('db.sock')}`
  }

  async startSwitch(): Promise<void> {
    this.#switch = this.#spawn('ovs-vswitchd', '--enable-dummy', this.ovsdb)
    await appear(this.#control)
  }

  /** Ends the switch; its database goes on. */
  async stopSwitch(): Promise<void> {
    await end(this.#switch)
    await rm(this.#control, { force: true })
  }

  /** Adds ports; resolves when the switch has made them. */
  async addPorts(ports: readonly DummyPort[]): Promise<void> {
    for (let at = 0; at < ports.length; at += portsAtOnce)
      await this.#vsctl(
        ...ports
          .slice(at, at + portsAtOnce)
          .flatMap(({ name, interface: id, captured }) => [
            ...['--', 'add-port', bridge, name, '--', 'set', 'Interface', name, 'type=dummy'],
            `external_ids:iface-id="${id}"`,
            ...(captured ? [`options:tx_pcap="${this.captureOf(name)}"`] : []),
          ]),
      )
  }

  /** The pcap file of a port that is captured. */
  captureOf(port: string): string {
    return this.#path(`${port}.pcap`)
  }

  /** Count of flows that the switch has. */
  async flowCount(): Promise<number> {
    const text = await this.tool(
      'ovs-ofctl',
      '-O',
      'OpenFlow15',
      'dump-aggregate',
      `unix:${this.#path(`${bridge}.mgmt`)}`,
    )
    return Number(/flow_count=(\d+)/.exec(text)?.[1])
  }

  /** A connection to the switch's control socket (ovs-appctl(8)). */
  control(): Socket {
    return createConnection(this.#control)
  }

  async tool(name: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run(name, args, { env: this.#env, maxBuffer: 1 << 28 })
    return stdout
  }

  /** Ends everything. The directory is the caller's. */
  async stop(): Promise<void> {
    await end(this.#switch)
    await end(this.#database)
  }

  get #env(): NodeJS.ProcessEnv {
    const { directory } = this
    return {
      ...process.env,
      OVS_RUNDIR: directory,
      OVS_DBDIR: directory,
      OVS_LOGDIR: directory,
      OVS_SYSCONFDIR: directory,
    }
  }

  get #control(): string {
    return this.#path('ovs-vswitchd.ctl')
  }

  #vsctl(...args: readonly string[]): Promise<string> {
    return this.tool('ovs-vsctl', `--db=${this.ovsdb}`, '--timeout=300', ...args)
  }

  #path(name: string): string {
    return join(this.directory, name)
  }

  /** Daemons end with this process, also when it is killed. */
  #spawn(name: string, ...args: readonly string[]): ChildProcess {
    const options = [`--unixctl=${this.#path(`${name}.ctl`)}`, '-vconsole:off', '--no-chdir']
    return spawn('setpriv', ['--pdeathsig', 'KILL', name, ...options, ...args], {
      env: this.#env,
      stdio: 'ignore',
    })
  }
}

async function appear(path: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (existsSync(path)) return
    await sleep(5)
  }
  throw new Error(`${path} did not appear`)
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
