import {
  type Attachment,
  attach,
  Database,
  detach,
  type Host,
  inParallel,
  removePairs,
} from '../attach/index.js'
import { inNamespace, run } from './command.js'
import { databaseOf, namespaceOf, type Site } from './names.js'
import { daemonPid } from './ovs.js'
import type { PlugThing } from './thing.js'

function byHost(things: readonly PlugThing[]): [string, PlugThing[]][] {
  const groups = new Map<string, PlugThing[]>()
  for (const thing of things) groups.set(thing.spec.host, [...(groups.get(thing.spec.host) ?? []), thing])
  return [...groups]
}

const runOn =
  (site: Site, host: string): Host['run'] =>
  (argv, input) =>
    run(site, inNamespace(namespaceOf(site, host), argv), input === undefined ? {} : { input })

/** Calls `work` with a host as attach reaches it. */
async function withHost(site: Site, host: string, work: (host: Host) => Promise<unknown>): Promise<void> {
  const database = await Database.open(databaseOf(site, host), 30_000)
  try {
    await work({ run: runOn(site, host), database })
  } finally {
    await database.close()
  }
}

const attachmentOf =
  (site: Site) =>
  ({ id, spec: { bridge, workload } }: PlugThing): Attachment => ({
    interface: workload.interface,
    bridge,
    plug: { kind: 'veth', netns: `/run/netns/${namespaceOf(site, id)}`, device: 'eth0' },
    facts: workload,
  })

/** What a host waits for is mostly its switch; what comes at once the controller takes as one change. */
const hostsAtOnce = 16
/** Fifty switches that share a few cores take their time. */
const patience = { bridgeWithinMs: 60_000, portWithinMs: 60_000 } as const

/**
 * Plugs in workloads whose namespaces exist, in the bridge that the controller makes. Returns when ovs-vswitchd has taken
 * the ports. Throws AttachError.
 */
export const createPlugs = (site: Site, things: readonly PlugThing[]): Promise<void> =>
  inParallel(byHost(things), hostsAtOnce, ([host, plugs]) =>
    withHost(site, host, (each) => attach(each, plugs.map(attachmentOf(site)), patience)),
  )

/** Removes port and pair; what runs in the workload's namespace goes on. */
export const removePlugs = (site: Site, things: readonly PlugThing[]): Promise<void> =>
  inParallel(byHost(things), 4, async ([host, plugs]) => {
    const ids = plugs.map(({ spec }) => spec.workload.interface)
    if (daemonPid(site, host, 'ovsdb-server') === undefined) await removePairs(runOn(site, host), ids)
    else await withHost(site, host, (each) => detach(each, ids))
  })
