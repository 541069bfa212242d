import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import type { CommandOptions, Outcome } from '../attach/index.js'
import { environment, inNamespace, run } from './command.js'
import { type ControllerOptions, runningController, startController, stopController } from './controller.js'
import { labDown } from './down.js'
import { LabError } from './error.js'
import { HostHandle } from './host.js'
import { Journal } from './journal.js'
import { withLock } from './lock.js'
import { controllerDirectory, namespaceOf, resolveName, type Site, siteOf } from './names.js'
import { namespacesOf } from './namespaces.js'
import { makeRoomForNeighbours } from './neighbours.js'
import { hostEnvironment } from './ovs.js'
import type { LabPlan, LabWorkload } from './plan.js'
import { type Progress, reconcile } from './reconcile.js'
import { type LabStatus, statusOf } from './status.js'
import { keyOf, type Thing } from './thing.js'
import { plugsOf, thingsOf } from './things.js'

export interface LabOptions {
  /** Where run directories are. Default `/run/sluice-lab`. */
  readonly root?: string
  readonly progress?: Progress
}

/** A cluster on this machine, in namespaces of its own. Made by `openLab`; `new Lab` is one that may be up already. */
export class Lab {
  readonly site: Site
  readonly #progress: Progress

  constructor(name: string, options: LabOptions = {}) {
    this.site = siteOf(name, options.root)
    this.#progress = options.progress ?? (() => undefined)
  }

  get name(): string {
    return this.site.name
  }

  /**
   * Makes the lab what the plan says: hosts, wires, outside, empty namespaces of workloads. Incremental, and
   * nothing to do the second time; a controller and plugged workloads of unchanged place go on.
   * Throws LabError, among them `name-taken` where namespaces of this prefix belong to something else.
   */
  async up(plan: LabPlan): Promise<void> {
    const desired = thingsOf(plan)
    const foreign = existsSync(this.site.directory) ? [] : namespacesOf(this.site)
    if (foreign.length > 0)
      throw new LabError('name-taken', `namespaces of another ${this.name} exist`, foreign)
    mkdirSync(controllerDirectory(this.site), { recursive: true })
    makeRoomForNeighbours(plan.hosts.length, this.#progress)
    await withLock(this.site, () => {
      const journal = Journal.open(this.site)
      return reconcile(this.site, journal, [...desired, ...retained(plan, journal)], this.#progress)
    })
  }

  /**
   * Plugs in the placed workloads that are described and unplugs all others.
   * Waits for the bridge of each host, which the controller makes. Throws LabError `unknown-name` for
   * placed workloads without a description, once the others are plugged.
   */
  async plug(plan: LabPlan, workloads: readonly LabWorkload[]): Promise<void> {
    const plugs = plugsOf(plan, workloads)
    await withLock(this.site, () => {
      const journal = Journal.open(this.site)
      const others = [...journal.entries.values()].filter(({ done }) => done).map(({ thing }) => thing)
      const desired = [...others.filter(({ kind }) => kind !== 'plug'), ...plugs]
      return reconcile(this.site, journal, desired, this.#progress)
    })
    const plugged = new Set(plugs.map(({ id }) => id))
    const missing = Object.values(plan.place).flatMap((ids) => ids.filter((id) => !plugged.has(id)))
    if (missing.length > 0)
      throw new LabError('unknown-name', 'the controller does not know these workloads', missing)
  }

  /** Starts the controller in its namespace and returns its pid when it is ready. */
  startController(options: ControllerOptions): Promise<number> {
    return withLock(this.site, () => startController(this.site, Journal.open(this.site), options))
  }

  /** Ends the controller with this signal (default SIGTERM); does nothing where none runs. */
  async stopController(name?: NodeJS.Signals): Promise<void> {
    const controller = runningController(this.site, { entries: Journal.read(this.site) })
    if (controller !== undefined) await stopController(this.site, controller, name)
  }

  host(name: string): HostHandle {
    return new HostHandle(this.site, name)
  }

  /** Full names that `exec` takes: hosts, `tenant/name` of workloads, `outside`, `station`, `controller`, `wire`. */
  names(): string[] {
    return [...Journal.read(this.site).values()].flatMap(({ thing }) =>
      thing.kind === 'namespace' ? [thing.id] : [],
    )
  }

  /** Runs a command inside a namespace to its end. Throws LabError `unknown-name`, `timeout`, `not-running`. */
  exec(name: string, argv: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
    const { namespace, env } = this.#inside(name)
    return run(this.site, inNamespace(namespace, argv), { ...options, env: { ...env, ...options.env } })
  }

  /** Starts a command inside a namespace; it ends with the lab at the latest. */
  spawn(name: string, argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const { namespace, env } = this.#inside(name)
    const [file = '', ...args] = inNamespace(namespace, argv)
    return spawn(file, args, { ...options, env: environment(this.site, { ...env, ...options.env }) })
  }

  /** What runs. Throws LabError `not-running`. */
  status(): LabStatus {
    return statusOf(this.site)
  }

  /** Removes everything of the lab. */
  down(): Promise<void> {
    return labDown(this.site)
  }

  #inside(given: string): { namespace: string; env: NodeJS.ProcessEnv } {
    const entries = Journal.read(this.site)
    const name = resolveName(given, this.names())
    const isHost = entries.has(keyOf({ kind: 'ovs', id: name }))
    return { namespace: namespaceOf(this.site, name), env: isHost ? hostEnvironment(this.site, name) : {} }
  }
}

/** What `up` leaves as it is: the controller, and plugs of workloads that stay where they are. */
function retained(plan: LabPlan, { entries }: Journal): Thing[] {
  const bridges = new Map(plan.hosts.map(({ name, bridge = 'br-int' }) => [name, bridge]))
  return [...entries.values()].flatMap(({ thing }): Thing[] => {
    if (thing.kind === 'controller') return [thing]
    if (thing.kind !== 'plug') return []
    const { host, bridge } = thing.spec
    return bridges.get(host) === bridge && plan.place[host]?.includes(thing.id) === true ? [thing] : []
  })
}

/** Builds a lab, or what it lacks of the plan. */
export async function openLab(plan: LabPlan, options?: LabOptions): Promise<Lab> {
  const lab = new Lab(plan.name, options)
  await lab.up(plan)
  return lab
}
