import { setTimeout as sleep } from 'node:timers/promises'
import { ipBatch } from './command.js'
import { LabError } from './error.js'
import { Journal } from './journal.js'
import { databaseOf, hostDirectory, namespaceOf, type Site } from './names.js'
import { hasEnded, signal } from './namespaces.js'
import { type Daemon, daemonPid, hostEnvironment, startDatabase, startSwitch } from './ovs.js'
import { isKind, keyOf, type LinkThing, type ThingFor } from './thing.js'
import { wireEnd } from './wire.js'

/** One host of a running lab. */
export class HostHandle {
  readonly #site: Site
  readonly name: string
  readonly namespace: string
  /** Its OVS_RUNDIR: database, logs, pidfiles, `NAME.mgmt` sockets. */
  readonly directory: string
  /** Its database, for the machine's own processes: `unix:PATH`. */
  readonly database: string
  /** The variables that make `ovs-vsctl` and its kin speak to this host. */
  readonly env: NodeJS.ProcessEnv

  constructor(site: Site, name: string) {
    this.#site = site
    this.name = name
    this.namespace = namespaceOf(site, name)
    this.directory = hostDirectory(site, name)
    this.database = databaseOf(site, name)
    this.env = hostEnvironment(site, name)
  }

  /** Pid of the daemon, or undefined where it does not run. */
  pid(daemon: Daemon): number | undefined {
    return daemonPid(this.#site, this.name, daemon)
  }

  /** Ends a daemon. Returns when it has ended; throws LabError `timeout`. */
  async stop(daemon: Daemon, name: NodeJS.Signals = 'SIGTERM', timeoutMs = 10_000): Promise<void> {
    const end = performance.now() + timeoutMs
    const pid = this.pid(daemon)
    if (pid !== undefined) signal(pid, name)
    // Threads that are still to end hold the lock of the pidfile, which whoever is started next wants.
    while (this.pid(daemon) !== undefined || (pid !== undefined && !hasEnded(pid))) {
      if (performance.now() > end) throw new LabError('timeout', `${daemon} of ${this.name} does not end`)
      await sleep(5)
    }
  }

  /** Starts a daemon that was stopped. Addresses survive: the devices of ovs-vswitchd outlive it. */
  async start(daemon: Daemon): Promise<void> {
    if (daemon === 'ovs-vswitchd') await startSwitch(this.#site, this.name)
    else await startDatabase(this.#site, this.name, this.#entry('ovs', this.name).spec.remotes)
  }

  async restartVswitchd(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stop('ovs-vswitchd', name)
    await this.start('ovs-vswitchd')
  }

  async restartOvsdbServer(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stop('ovsdb-server', name)
    await this.start('ovsdb-server')
  }

  /** Pulls the underlay's cable: tunnels and the controller's connections to this host go silent. */
  cutUnderlay(): Promise<void> {
    return this.#setLink(this.#underlay(), 'down')
  }

  joinUnderlay(): Promise<void> {
    return this.#setLink(this.#underlay(), 'up')
  }

  /** Pulls the cable of a gateway's bridge to the outside. */
  cutUplink(bridge: string): Promise<void> {
    return this.#setLink(this.#link(bridge), 'down')
  }

  joinUplink(bridge: string): Promise<void> {
    return this.#setLink(this.#link(bridge), 'up')
  }

  /** The device of the outside wire that leads to a gateway's bridge, in the namespace `wire`. */
  uplinkDevice(bridge: string): string {
    return wireEnd(this.#link(bridge))
  }

  /** Holds a daemon still, or lets it go on: to others it is as dead as it is long. */
  pause(daemon: Daemon): void {
    this.#signal(daemon, 'SIGSTOP')
  }

  resume(daemon: Daemon): void {
    this.#signal(daemon, 'SIGCONT')
  }

  #signal(daemon: Daemon, name: NodeJS.Signals): void {
    const pid = this.pid(daemon)
    if (pid !== undefined) signal(pid, name)
  }

  #link(bridge: string): LinkThing {
    return this.#entry('link', `${this.name} ${bridge}`)
  }

  #underlay(): LinkThing {
    for (const { thing } of Journal.read(this.#site).values())
      if (isKind('link', thing) && thing.spec.wire === 'underlay' && thing.spec.namespace === this.name)
        return thing
    throw new LabError('not-running', `host ${this.name} of lab ${this.#site.name} is not up`)
  }

  #setLink(link: LinkThing, state: 'up' | 'down'): Promise<void> {
    return ipBatch(this.#site, namespaceOf(this.#site, 'wire'), [`link set ${wireEnd(link)} ${state}`])
  }

  #entry<K extends 'ovs' | 'link'>(kind: K, id: string): ThingFor<K> {
    const thing = Journal.read(this.#site).get(keyOf({ kind, id }))?.thing
    if (thing === undefined || !isKind(kind, thing)) {
      throw new LabError('not-running', `host ${this.name} of lab ${this.#site.name} is not up`)
    }
    return thing
  }
}
