import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestFn } from 'ava'
import { Client } from '../../../src/api/client.js'
import type { FlowView } from '../../../src/api/contract.js'
import { labWorkloads } from '../../../src/cli/lab-workloads.js'
import { type ControllerOptions, Lab, labUp, readPlan } from '../../../src/lab/index.js'
import { controllerDirectory } from '../../../src/lab/names.js'
import { findings } from './findings.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const program = join(root, 'bin/sluice')

export interface Pings {
  readonly sent: number
  readonly received: number
}

export interface TestClusterOptions {
  /** A folder below `policies/` to begin with. */
  readonly scenario: string
  /** Changes of its files before anything starts. */
  readonly edit?: (cluster: TestCluster) => void
  /** Further arguments of `sluice run`. */
  readonly args?: readonly string[]
}

/** A lab with a controller for tests: its own name, its own copy of a scenario's files, its own socket and state. */
export class TestCluster {
  readonly #base = mkdtempSync(join(tmpdir(), 'sluice-'))
  readonly name = `e${randomBytes(4).toString('hex')}`
  readonly #root = join(this.#base, 'lab')
  readonly directory = join(this.#base, 'policies')
  readonly state = join(this.#base, 'state')
  readonly socket = join(this.#base, 'sluice.sock')
  readonly client = new Client(this.socket)
  #lab: Lab | undefined

  private constructor(readonly options: TestClusterOptions) {
    cpSync(join(root, 'policies', options.scenario), this.directory, { recursive: true })
    const lab = this.read('lab.yaml')
    this.write('lab.yaml', lab.replace(/^name: .*$/m, `name: ${this.name}`))
    options.edit?.(this)
  }

  /** Brings everything up; what was begun is removed again where that fails. */
  static async start(options: TestClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(options)
    try {
      await cluster.up()
      await cluster.converge()
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  get lab(): Lab {
    if (!this.#lab) throw new Error('the lab is not up')
    return this.#lab
  }

  /** Makes hosts, workloads and controller what the files say now: also after a change of lab.yaml. */
  async up(): Promise<void> {
    this.#lab = await labUp(readPlan(this.directory), {
      root: this.#root,
      controller: this.#controller(this.options.args),
      fetchWorkloads: (socket) => labWorkloads(new Client(socket)),
    })
  }

  /** Starts the controller again after `lab.stopController`; `args` takes the place of those that it had. */
  async startController(args = this.options.args): Promise<void> {
    await this.lab.startController(this.#controller(args))
  }

  /** What the controller has logged since it was started last. */
  get log(): string {
    return readFileSync(join(controllerDirectory(this.lab.site), 'log'), 'utf8')
  }

  #controller(args: readonly string[] = []): ControllerOptions {
    return {
      command: [process.execPath, program],
      policies: this.directory,
      state: this.state,
      socket: this.socket,
      args: ['--http', 'none', ...args],
    }
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), 'utf8')
  }

  /** Drops a file into the directory, whole, by a rename. */
  write(file: string, text: string): void {
    const half = join(this.directory, `.${file}.tmp`)
    writeFileSync(half, text)
    renameSync(half, join(this.directory, file))
  }

  /** Replaces text in a file. */
  edit(file: string, from: string | RegExp, to: string): void {
    this.write(file, this.read(file).replace(from, to))
  }

  has(file: string): boolean {
    return existsSync(join(this.directory, file))
  }

  remove(file: string): void {
    rmSync(join(this.directory, file))
  }

  /** Waits until every reachable host has acknowledged what the files say. */
  async converge(seconds = 60): Promise<void> {
    const status = await this.client.wait(seconds)
    if (!status.converged) throw new Error(`not converged: ${JSON.stringify(status)}`)
  }

  /**
   * Waits as `converge` does, and until the datapaths have looked at each megaflow since: the cycle of the revalidator that is
   * under way ends, and so does another one. What must not pass any more is tried after that.
   */
  async quiesce(): Promise<void> {
    await this.converge()
    for (let cycle = 0; cycle < 2; cycle++) await this.revalidated()
  }

  /** Waits until a cycle of each revalidator is complete: flows then count what their cached megaflows had counted before. */
  async revalidated(): Promise<void> {
    const argv = ['ovs-appctl', 'revalidator/wait']
    await Promise.all(this.lab.status().hosts.map(({ name }) => this.lab.exec(name, argv)))
  }

  /** Runs the program with this cluster's socket. */
  sluice(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const env = { ...process.env, SLUICE_SOCKET: this.socket, NO_COLOR: '1' }
      execFile(process.execPath, [program, ...args], { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0
        resolve({ status, stdout, stderr })
      })
    })
  }

  /** Starts the program with this cluster's socket; its caller ends it. */
  spawn(...args: readonly string[]): ChildProcess {
    const env = { ...process.env, SLUICE_SOCKET: this.socket, NO_COLOR: '1' }
    return spawn(process.execPath, [program, ...args], { env })
  }

  /**
   * Pings an address, each time with a ping(8) of its own, which waits a second for the answer. One for all would wait for
   * the last answer no longer than an interval, and mistake a busy machine for a loss.
   */
  async ping(from: string, to: string, count = 3): Promise<Pings> {
    const script =
      'for i in $(seq "$1"); do ping -n -q -c 1 -W 1 "$2" & [ "$i" = "$1" ] || sleep 0.2; done; wait'
    const { stdout } = await this.lab.exec(from, ['sh', '-c', script, 'sh', String(count), to])
    const summaries = [...stdout.matchAll(/(\d+) packets transmitted, (\d+) received/g)]
    const sum = (group: number) => summaries.reduce((total, summary) => total + Number(summary[group]), 0)
    return { sent: sum(1), received: sum(2) }
  }

  /** The flows of a host with their counters and sources. */
  async flows(host: string, table?: string): Promise<readonly FlowView[]> {
    const flows: FlowView[] = []
    for await (const flow of this.client.flows({ host, ...(table === undefined ? {} : { table }) }))
      flows.push(flow)
    return flows
  }

  /**
   * Flows at which packets end, told of or not, and by how many packets each has grown while `work` ran, those that have
   * not left out.
   */
  async drops(work: () => Promise<unknown>): Promise<readonly { flow: FlowView; packets: number }[]> {
    const before = await this.#dropCounts()
    await work()
    const after = await this.#dropCounts()
    return [...after].flatMap(([id, flow]) => {
      const packets = Number(flow.packets) - Number(before.get(id)?.packets ?? 0)
      return packets > 0 ? [{ flow, packets }] : []
    })
  }

  async #dropCounts(): Promise<ReadonlyMap<string, FlowView>> {
    await this.revalidated()
    const counts = new Map<string, FlowView>()
    for await (const flow of this.client.flows({}))
      if (/^(drop|controller\([^)]*\))$/.test(flow.actions))
        counts.set(`${flow.host} ${flow.textWithoutStats}`, flow)
    return counts
  }

  /** Stops after all tests of a file; when one of them has failed, says what there was. */
  belongTo({ after, afterEach }: TestFn): void {
    after.always(() => this.stop())
    let failures = 0
    afterEach.always(async (t) => {
      if (!t.passed && failures++ === 0) t.log(await findings(this.lab))
    })
  }

  /** Removes everything, also what a start that failed had begun. */
  async stop(): Promise<void> {
    await new Lab(this.name, { root: this.#root }).down()
    rmSync(this.#base, { recursive: true, force: true })
  }
}
