import { copyFileSync, existsSync, mkdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '../api/client.js'
import type { Source, Status } from '../api/contract.js'
import { labWorkloads } from '../cli/lab-workloads.js'
import { Lab, type LabPlan, readPlan } from '../lab/index.js'
import { DemoError } from './error.js'
import { type Station, stationsOf } from './stations.js'

const checkout = fileURLToPath(new URL('../../../', import.meta.url))
const program = join(checkout, 'bin/sluice')

/** How long the cluster may take to be as the files say. */
const inStepMs = 20_000

export interface DemoOptions {
  /** Name of the lab. */
  readonly name: string
  /** Where labs have their files. */
  readonly root: string
  /** The controller's socket. */
  readonly socket: string
}

/** A lab of its own with a controller, on a directory that the scenario's files are copied to one by one. */
export class DemoCluster {
  readonly lab: Lab
  readonly client: Client
  /** The policy directory. It is one of the lab's files and goes with them. */
  readonly directory: string
  readonly #scenario: string
  readonly #plan: LabPlan
  readonly #madeRoot: boolean

  constructor(
    scenario: string,
    readonly options: DemoOptions,
  ) {
    const { name, root, socket } = options
    this.#scenario = join(checkout, 'policies', scenario)
    this.#plan = { ...readPlan(this.#scenario), name }
    this.#madeRoot = !existsSync(root)
    this.lab = new Lab(name, { root })
    this.client = new Client(socket)
    this.directory = join(this.lab.site.directory, 'policies')
  }

  /** Builds hosts, wires and empty namespaces. */
  build(): Promise<void> {
    return this.lab.up(this.#plan)
  }

  /** Starts the controller on what has been dropped into the directory so far. */
  async start(): Promise<void> {
    const { socket } = this.options
    const command = [process.execPath, program]
    await this.lab.startController({ command, policies: this.directory, socket, args: ['--http', 'none'] })
  }

  /** Drops a file of the scenario into the directory, whole, as a careful editor would. */
  drop(file: string): void {
    mkdirSync(this.directory, { recursive: true })
    const half = join(this.directory, `.${file}.tmp`)
    copyFileSync(join(this.#scenario, file), half)
    renameSync(half, join(this.directory, file))
  }

  /** Plugs the placed workloads in, with the addresses that the controller has for them. */
  async plug(): Promise<void> {
    await this.lab.plug(this.#plan, await labWorkloads(this.client))
  }

  /**
   * Waits until every switch has every flow of the newest revision.
   * @param placed whether every workload must have been seen on a host as well
   * @throws DemoError `not-in-step`
   */
  async inStep(placed: boolean): Promise<Status> {
    const stop = AbortSignal.timeout(inStepMs)
    let last = await this.client.wait(inStepMs / 1000)
    for await (const status of this.client.watch(stop)) {
      last = status
      if (isInStep(status) && !(placed && (await this.#someUnplaced()))) return status
    }
    throw new DemoError('not-in-step', `not in step after ${inStepMs} ms: ${JSON.stringify(last)}`)
  }

  /** Everybody who can ping or be pinged; the outside then knows its way to them, so that it really tries. */
  async stations(): Promise<readonly Station[]> {
    const [address = ''] = this.#plan.outside?.addresses ?? []
    const stations = await stationsOf(this.client, address.replace(/\/.*/, ''))
    const gateway = stations.find(({ role }) => role === 'gateway')
    for (const { role, address: to } of stations)
      if (gateway && (role === 'workload' || role === 'router'))
        await this.lab.exec('outside', ['ip', 'route', 'replace', to, 'via', gateway.address])
    return stations
  }

  /** A source whose file is named as it stands in the directory. */
  readable<T extends Pick<Source, 'file'>>(source: T): T {
    const below = `${this.directory}/`
    return source.file?.startsWith(below) ? { ...source, file: source.file.slice(below.length) } : source
  }

  /** Removes everything, however far it came. */
  async remove(): Promise<void> {
    await this.lab.down()
    const { root } = this.options
    if (this.#madeRoot && existsSync(root)) rmdirSync(root)
  }

  async #someUnplaced(): Promise<boolean> {
    for await (const { host } of this.client.get('workload')) if (host === undefined) return true
    return false
  }
}

function isInStep({ converged, hosts }: Status): boolean {
  return converged && hosts.every(({ connected, flows, desired }) => connected && flows === desired)
}
