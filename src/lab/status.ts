import { portName } from '../attach/index.js'
import { runningController } from './controller.js'
import { Journal } from './journal.js'
import { databaseOf, namespaceOf, type Site } from './names.js'
import { isNamespace } from './namespaces.js'
import { daemonPid } from './ovs.js'
import { isKind, type Kind, type ThingFor } from './thing.js'

/** What runs of a lab: a value for JSON. A pid is null where the process does not run. */
export interface LabStatus {
  readonly name: string
  readonly directory: string
  /** Whether everything that was begun is complete. */
  readonly complete: boolean
  readonly hosts: readonly {
    readonly name: string
    readonly namespace: string
    readonly addresses: readonly string[]
    readonly database: string
    readonly ovsdbServer: number | null
    readonly vswitchd: number | null
  }[]
  readonly workloads: readonly {
    readonly name: string
    readonly namespace: string
    /** Null until it is plugged in. */
    readonly host: string | null
    readonly port: string | null
    readonly addresses: readonly string[]
  }[]
  /** `outside`, `station`, `controller` and their addresses. */
  readonly stations: readonly {
    readonly name: string
    readonly namespace: string
    readonly addresses: readonly string[]
  }[]
  readonly controller: { readonly pid: number | null; readonly socket: string; readonly log: string } | null
}

/** Looks at the lab. Throws LabError `not-running`. */
export function statusOf(site: Site): LabStatus {
  const entries = Journal.read(site)
  const all = [...entries.values()]
  const things = <K extends Kind>(kind: K): ThingFor<K>[] =>
    all.map(({ thing }) => thing).filter((thing) => isKind(kind, thing))
  const addressesOf = new Map(things('address').map(({ id, spec }) => [id, spec.addresses]))
  const plugs = new Map(things('plug').map((thing) => [thing.id, thing.spec]))
  const named = (role: 'host' | 'workload' | 'fixed') =>
    things('namespace')
      .filter(({ id, spec }) => spec.role === role && id !== 'wire')
      .map(({ id }) => ({ name: id, namespace: namespaceOf(site, id), addresses: addressesOf.get(id) ?? [] }))
  const [controller] = things('controller')
  const running = runningController(site, { entries })
  return {
    name: site.name,
    directory: site.directory,
    complete: all.every(
      ({ thing, done }) => done && (thing.kind !== 'namespace' || isNamespace(namespaceOf(site, thing.id))),
    ),
    hosts: named('host').map((host) => ({
      ...host,
      database: databaseOf(site, host.name),
      ovsdbServer: daemonPid(site, host.name, 'ovsdb-server') ?? null,
      vswitchd: daemonPid(site, host.name, 'ovs-vswitchd') ?? null,
    })),
    workloads: named('workload').map((workload) => {
      const plug = plugs.get(workload.name)
      return {
        ...workload,
        host: plug?.host ?? null,
        port: plug === undefined ? null : portName(plug.workload.interface),
        addresses: plug?.workload.addresses ?? [],
      }
    }),
    stations: named('fixed'),
    controller:
      controller === undefined
        ? null
        : { pid: running?.spec.pid ?? null, socket: controller.spec.socket, log: controller.spec.log },
  }
}
