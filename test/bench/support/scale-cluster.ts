import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from '../../../src/api/client.js'
import type { Status } from '../../../src/api/contract.js'
import { DummyHost, type DummyPort } from './dummy-host.js'

const program = fileURLToPath(new URL('./watched-run.js', import.meta.url))
const workloadsPerTenant = 10
/** USER_HZ (proc(5)). */
const ticksPerSecond = 100
/** How often the status is asked for: more often would be work that is measured too. */
const pollMs = 25

export interface Station {
  readonly tenant: string
  readonly name: string
  readonly mac: string
  readonly ip: string
  readonly host: number
}

/** The n-th workload; a tenant's ten are spread over the hosts. */
export function station(n: number, hosts: number): Station {
  const low = n.toString(16).padStart(6, '0').match(/../g) ?? []
  return {
    tenant: `t${Math.floor(n / workloadsPerTenant)}`,
    name: `w${n}`,
    mac: ['0a', '00', '00', ...low].join(':'),
    ip: `10.1.0.${(n % workloadsPerTenant) + 1}`,
    host: n % hosts,
  }
}

export function workloadDocument({ tenant, name, mac, ip }: Station): string {
  return `kind: Workload\ntenant: ${tenant}\nname: ${name}\nnetwork: lan\nmac: ${mac}\nip: ${ip}\n`
}

export function tenantDocument(name: string): string {
  return `kind: Tenant\nname: ${name}\n---\nkind: Network\ntenant: ${name}\nname: lan\nsubnet: 10.1.0.0/24\ngateway: 10.1.0.254\n`
}

/** Dummy hosts, a policy directory on disk and the controller in a process of its own. */
export class ScaleCluster {
  readonly hosts: DummyHost[] = []
  readonly client: Client
  #controller: ChildProcess | undefined

  private constructor(
    readonly base: string,
    readonly openflowPort: number,
  ) {
    this.client = new Client(this.#path('sluice.sock'))
  }

  /** Starts the hosts with their ports; `ports` by host. What was begun is ended where that fails. */
  static async start(ports: readonly (readonly DummyPort[])[]): Promise<ScaleCluster> {
    const cluster = new ScaleCluster(await mkdtemp(join(tmpdir(), 'sluice-scale-')), await freePort())
    try {
      mkdirSync(cluster.#path('policies'))
      for (const [n, own] of ports.entries()) {
        const host = await DummyHost.start(cluster.#path(`h${n}`))
        cluster.hosts.push(host)
        await host.addPorts(own)
      }
      const documents = cluster.hosts.map(
        ({ ovsdb }, n) => `kind: Host\nname: h${n}\novsdb: ${ovsdb}\ntunnelIp: 10.0.0.${n + 1}\n`,
      )
      cluster.write('hosts.yaml', documents.join('---\n'))
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  /** Drops a file into the policy directory, whole. */
  write(file: string, text: string): void {
    const half = join(this.#path('policies'), `.${file}`)
    writeFileSync(half, text)
    renameSync(half, join(this.#path('policies'), file))
  }

  remove(file: string): void {
    rmSync(join(this.#path('policies'), file))
  }

  async startController(): Promise<void> {
    const options = {
      policies: this.#path('policies'),
      state: this.#path('state'),
      socket: this.#path('sluice.sock'),
      openflow: `tcp:127.0.0.1:${this.openflowPort}`,
      http: 'none',
      'log-level': 'warn',
    }
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const argv = ['--pdeathsig', 'KILL', process.execPath, program, this.#path('held'), 'run', ...flags]
    const child = spawn('setpriv', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#controller = child
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the controller ended')))
      child.stdout.on('data', (chunk) => {
        if (/^ready\b/m.test(String(chunk))) resolve()
      })
    })
  }

  /** Ends the controller without notice. */
  async killController(): Promise<void> {
    const child = this.#controller
    this.#controller = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** The first status in which the hosts have acknowledged a revision later than `after`. */
  async acknowledged(after: number, objects = (_: Status) => true): Promise<Status> {
    const end = performance.now() + 300_000
    while (performance.now() < end) {
      const status = await this.client.status()
      if (status.converged && status.revision > after && objects(status)) return status
      await sleep(pollMs)
    }
    throw new Error('not converged within 300 s')
  }

  /** MB that the controller holds now, and held at most. */
  memory(): { readonly now: number; readonly peak: number } {
    const text = readFileSync(`/proc/${this.#controller?.pid}/status`, 'utf8')
    const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024
    return { now: mb('VmRSS'), peak: mb('VmHWM') }
  }

  /** Seconds of processor time that the controller has had: unlike the clock, not a matter of what else runs. */
  cpuSeconds(): number {
    const text = readFileSync(`/proc/${this.#controller?.pid}/stat`, 'utf8')
    const [user = 0, system = 0] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return (user + system) / ticksPerSecond
  }

  /** Milliseconds that the controller's event loop was held at most since the last call. */
  async heldMs(): Promise<number> {
    rmSync(this.#path('held'), { force: true })
    this.#controller?.kill('SIGUSR2')
    for (let tries = 0; tries < 1000; tries++) {
      await sleep(10)
      try {
        const text = readFileSync(this.#path('held'), 'utf8')
        if (text.endsWith('\n')) return Number(text)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      }
    }
    throw new Error('the controller does not answer')
  }

  /** Ends everything and removes what it has written. */
  async stop(): Promise<void> {
    await this.killController()
    for (const host of this.hosts) await host.stop()
    await rm(this.base, { recursive: true, force: true })
  }

  #path(name: string): string {
    return join(this.base, name)
  }
}

/** A TCP port that nobody has just now: a controller that starts again must have the one that it had. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
