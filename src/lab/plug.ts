import { inNamespace, inParallel, ipBatch, output } from './command.js'
import { checksumOffloadOff, removeLinks } from './devices.js'
import { LabError } from './error.js'
import { namespaceOf, portName, type Site } from './names.js'
import { daemonPid, hostEnvironment } from './ovs.js'
import type { LabWorkload } from './plan.js'
import type { PlugThing } from './thing.js'

/** The two ends of a workload's veth pair: `port` on the bridge, `device` in `netns` (a name, or a pid). */
export interface PlugEnds {
  readonly port: string
  readonly device: string
  readonly netns: string
}

/** Lines for `ip -batch` on the host that make the pair; no end of it is ever in a third namespace. */
export const pairLines = ({ mac, mtu }: LabWorkload, { port, device, netns }: PlugEnds): string[] => [
  `link add ${port} mtu ${mtu} type veth peer name ${device} address ${mac} mtu ${mtu} netns ${netns}`,
  `link set ${port} up`,
]

/** Lines for `ip -batch` in the workload's namespace. */
export const insideLines = ({ addresses, gateways }: LabWorkload, device: string): string[] => [
  'link set lo up',
  `link set ${device} up`,
  ...addresses.map((address) => `address add ${address} dev ${device}`),
  ...gateways.map((gateway) => `route replace default via ${gateway} dev ${device}`),
]

/** Arguments for `ovs-vsctl` that make the pair's outer end the port of this workload. */
export const portArguments = (workload: LabWorkload, bridge: string, port: string): string[] => [
  ...['--', '--may-exist', 'add-port', bridge, port],
  ...['--', 'set', 'Interface', port],
  `external_ids:iface-id=${JSON.stringify(workload.interface)}`,
  `external_ids:attached-mac=${JSON.stringify(workload.mac)}`,
]

/** How many ports go into one transaction. */
const portsAtOnce = 50

function byHost(things: readonly PlugThing[]): [string, PlugThing[]][] {
  const groups = new Map<string, PlugThing[]>()
  for (const thing of things) groups.set(thing.spec.host, [...(groups.get(thing.spec.host) ?? []), thing])
  return [...groups]
}

/** Waits for the bridge that the controller makes. Throws LabError `timeout`. */
async function waitForBridge(site: Site, host: string, bridge: string, timeoutMs: number): Promise<void> {
  const argv = ['ovs-vsctl', 'wait-until', 'Bridge', bridge]
  try {
    await output(site, argv, { env: hostEnvironment(site, host), timeoutMs })
  } catch (cause) {
    throw new LabError('timeout', `${host} has no bridge ${bridge} after ${timeoutMs} ms`, [], { cause })
  }
}

const portOf = (thing: PlugThing): string => portName(thing.spec.workload.interface)

/** Plugs in workloads whose namespaces exist. Returns when ovs-vswitchd has made the ports. */
export const createPlugs = (site: Site, things: readonly PlugThing[], timeoutMs = 10_000): Promise<void> =>
  inParallel(byHost(things), 4, async ([host, plugs]) => {
    for (const bridge of new Set(plugs.map(({ spec }) => spec.bridge))) {
      await waitForBridge(site, host, bridge, timeoutMs)
    }
    await ipBatch(
      site,
      namespaceOf(site, host),
      plugs.flatMap((thing) => {
        const ends = { port: portOf(thing), device: 'eth0', netns: namespaceOf(site, thing.id) }
        return pairLines(thing.spec.workload, ends)
      }),
    )
    for (let at = 0; at < plugs.length; at += portsAtOnce) {
      const ports = plugs
        .slice(at, at + portsAtOnce)
        .flatMap((thing) => portArguments(thing.spec.workload, thing.spec.bridge, portOf(thing)))
      await output(site, ['ovs-vsctl', ...ports], { env: hostEnvironment(site, host) })
    }
    await inParallel(plugs, 4, async ({ id, spec }) => {
      const namespace = namespaceOf(site, id)
      await output(site, inNamespace(namespace, checksumOffloadOff('eth0')))
      await ipBatch(site, namespace, insideLines(spec.workload, 'eth0'))
    })
  })

/** Removes port and pair; what runs in the workload's namespace goes on. */
export const removePlugs = (site: Site, things: readonly PlugThing[]): Promise<void> =>
  inParallel(byHost(things), 4, async ([host, plugs]) => {
    const ports = plugs.map(portOf)
    if (daemonPid(site, host, 'ovsdb-server') !== undefined) {
      const argv = ports.flatMap((port) => ['--', '--if-exists', 'del-port', port])
      await output(site, ['ovs-vsctl', '--no-wait', ...argv], { env: hostEnvironment(site, host) })
    }
    await removeLinks(site, namespaceOf(site, host), ports)
  })
