import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { HostHandle } from '../../../src/lab/host.js'
import { until } from './open-vswitch.js'
import type { TestCluster } from './test-cluster.js'

const run = promisify(execFile)

/** What the controller says of a gateway. */
export interface GatewayView {
  readonly mac: string
  readonly activeHost: string
  readonly hostStates: Readonly<Record<string, string>>
  readonly uplinkWatched: boolean
}

/** A gateway that two hosts can carry. */
export class GatewayPair {
  constructor(
    readonly cluster: TestCluster,
    readonly name: string,
  ) {}

  async view(): Promise<GatewayView> {
    return JSON.parse((await this.cluster.sluice('get', 'gateway', this.name, '--json')).stdout)[0]
  }

  /** Waits until one host carries the gateway, and the other would take over: whether or not there is a controller. */
  async ready(active: HostHandle, standby: HostHandle): Promise<void> {
    await until(`${active.name} to carry the gateway and ${standby.name} to wait`, async () => {
      const holder = `holder/${this.name}/${active.name}`
      const lately = `lately/${this.name}/${active.name}`
      const ports = [
        [active, holder],
        [standby, holder],
        [standby, lately],
        [standby, 'steady-2'],
      ] as const
      const alive = await Promise.all(ports.map(([host, purpose]) => isAlive(host, purpose)))
      return alive.every(Boolean) && !(await isAlive(standby, `lately/${this.name}/${standby.name}`))
    })
  }

  /** Likewise, and until the controller knows. */
  async settled(active: HostHandle, standby: HostHandle): Promise<void> {
    await until(`${active.name} to be active, and ${standby.name} to stand by`, async () => {
      const { hostStates, uplinkWatched } = await this.view()
      return hostStates[active.name] === 'active' && hostStates[standby.name] === 'standby' && uplinkWatched
    })
    await this.cluster.converge()
    await this.ready(active, standby)
  }
}

/** Whether a port of ours on a host is alive, by what it is for. */
export async function isAlive({ database, env }: HostHandle, purpose: string): Promise<boolean> {
  const find = ['--bare', '--columns=bfd_status', 'find', 'interface', `external_ids:sluice="${purpose}"`]
  const { stdout } = await run('ovs-vsctl', [`--db=${database}`, '--timeout=20', ...find], { env })
  return stdout.includes('forwarding=true')
}
