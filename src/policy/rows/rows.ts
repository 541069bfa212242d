import { isDeepStrictEqual } from 'node:util'
import { removal } from '../../model/removal.js'
import type { Change, ClusterRow } from '../../model/rows.js'
import type { Allocations } from '../allocation/allocations.js'
import type { Catalog } from '../catalog.js'
import { servicesOf } from '../checks/links.js'
import type { KindName } from '../kinds/index.js'
import type { AnyObject, PolicyObject } from '../object.js'
import { compareObjects, objectId } from '../object.js'
import { Exhausted, type Put, type Surroundings } from './built.js'
import { workloadMtu } from './mtu.js'
import { rowOf } from './row.js'

/** An object for which nothing was left to allocate. */
export interface Starved {
  readonly object: AnyObject
  readonly reason: Exhausted
}

/** Kinds in the order in which their objects get numbers. */
const order: readonly KindName[] = [
  'Cluster',
  'Host',
  'Tenant',
  'Gateway',
  'Network',
  'Workload',
  'Egress',
  'FloatingIp',
  'PortForward',
  'Peering',
  'Route',
  'AddressGroup',
  'Policy',
  'Bandwidth',
  'Mirror',
  'Service',
  'Lab',
]

/** Objects of which to pause between two, so that the event loop goes on. */
const slice = 200

/** The rows of the objects in force, kept in step with a catalog that has no problems. */
export class Rows {
  readonly #catalog: Catalog
  readonly #allocations: Allocations
  readonly #objects = new Map<string, AnyObject>()
  readonly #rows = new Map<string, Put>()
  readonly #starved = new Map<string, Starved>()
  #cluster: ClusterRow | undefined
  #mtu = 0

  constructor(catalog: Catalog, allocations: Allocations) {
    this.#catalog = catalog
    this.#allocations = allocations
  }

  get starved(): Iterable<Starved> {
    return this.#starved.values()
  }

  /** Count of objects in force. */
  get count(): number {
    return this.#objects.size
  }

  /** Objects in force. */
  objects(): Iterable<AnyObject> {
    return this.#objects.values()
  }

  /** The object in force with this id. */
  object(id: string): AnyObject | undefined {
    return this.#objects.get(id)
  }

  /** The row of the object with this id. */
  row(id: string): Put | undefined {
    return this.#rows.get(id)
  }

  /** Takes over what changed in the catalog; the work is proportional to it. Pauses now and then. */
  *update(touched: ReadonlySet<string>): Generator<void, Change[]> {
    const steps = [...touched].flatMap((id) => this.#step(id) ?? [])
    const reshaped = steps.flatMap(reshapes)
    const known = new Set(steps.map(({ id }) => id))
    for (const network of reshaped) {
      const services = this.#catalog.topic('Service', servicesOf(network.fields.tenant))
      for (const { id } of [...this.#catalog.referrers(network.id), ...services]) {
        const object = known.has(id) ? undefined : this.#objects.get(id)
        if (object !== undefined) steps.push({ id, before: object, after: object })
      }
    }
    const work = new Set([...steps.map(({ id }) => id), ...this.#starved.keys()])
    yield* sliced(steps, ({ before, after }) => {
      if (before === undefined) return
      this.#allocations.unchoose(before)
      this.#allocations.release(before, after)
    })
    for (const network of reshaped) this.#allocations.reshape(network)
    yield* sliced(steps, ({ after }) => {
      if (after === undefined) return
      for (const loser of this.#allocations.choose(after)) work.add(loser)
    })
    for (const { id, before, after } of steps) {
      if (concernsOthers(before, after))
        for (const referrer of this.#catalog.referrers(id)) work.add(referrer.id)
      if (after === undefined) this.#objects.delete(id)
      else this.#objects.set(id, after)
    }
    return yield* this.#rebuild(work)
  }

  /** Gives rules their positions, and returns the policies of others that had to move. */
  #placePolicies(objects: readonly AnyObject[], work: ReadonlySet<string>): AnyObject[] {
    const policies = objects.filter((object) => object.kind === 'Policy').sort(compareObjects)
    const moved = this.#allocations.positions.place(policies)
    return [...moved].flatMap((id) => (work.has(id) ? [] : (this.#objects.get(id) ?? [])))
  }

  #step(id: string): Step | undefined {
    const [before, after] = [this.#objects.get(id), this.#catalog.object(id)]
    return before === after ? undefined : { id, before, after }
  }

  *#rebuild(work: Set<string>): Generator<void, Change[]> {
    const changes = this.#clusterChanges(work)
    const objects: AnyObject[] = []
    for (const id of work) {
      const object = this.#objects.get(id)
      if (object !== undefined) objects.push(object)
      else {
        changes.push(...this.#forget(id))
        this.#allocations.positions.remove(id)
      }
    }
    objects.push(...this.#placePolicies(objects, work))
    objects.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || compareObjects(a, b))
    yield* sliced(objects, (object) => this.#allocations.reclaim(object))
    const surroundings: Surroundings = {
      allocations: this.#allocations,
      mtu: this.#mtu,
      has: (id) => this.#catalog.object(id) !== undefined,
      network: (id) => this.#catalog.find('Network', objectId('Network', id)),
      host: (id) => this.#catalog.find('Host', id),
    }
    yield* sliced(objects, (object) => changes.push(...this.#change(object, rowOf(object, surroundings))))
    return changes
  }

  /** The cluster's row, and the networks whose MTU follows from it and from the hosts, where those changed. */
  #clusterChanges(work: Set<string>): Change[] {
    const concerned = (id: string) => id.startsWith('cluster/') || id.startsWith('host/')
    if (this.#cluster !== undefined && ![...work].some(concerned)) return []
    const { name, encapsulation } = this.#catalog.all('Cluster')[0]?.fields ?? defaultCluster
    const row: ClusterRow = { id: 'cluster', name, encapsulation }
    const mtu = workloadMtu({ encapsulation, hosts: this.#catalog.all('Host').map(({ fields }) => fields) })
    if (mtu !== this.#mtu) {
      for (const { id, fields } of this.#catalog.all('Network')) if (fields.mtu === undefined) work.add(id)
    }
    const same = isDeepStrictEqual(row, this.#cluster)
    this.#mtu = mtu
    this.#cluster = row
    return same ? [] : [{ table: 'cluster', id: 'cluster', row }]
  }

  #change(object: AnyObject, built: Put | Exhausted | undefined): Change[] {
    const { id } = object
    if (built instanceof Exhausted) {
      const changes = this.#forget(id)
      this.#starved.set(id, { object, reason: built })
      return changes
    }
    this.#starved.delete(id)
    if (built === undefined || isDeepStrictEqual(built, this.#rows.get(id))) return []
    this.#rows.set(id, built)
    return [built]
  }

  #forget(id: string): Change[] {
    const put = this.#rows.get(id)
    this.#rows.delete(id)
    this.#starved.delete(id)
    return put === undefined ? [] : [removal(put)]
  }
}

/** What became of an object. */
interface Step {
  readonly id: string
  readonly before: AnyObject | undefined
  readonly after: AnyObject | undefined
}

const defaultCluster = { name: 'cluster', encapsulation: 'geneve' } as const

/** The network whose subnets or routers a step changes: it hands out other addresses from now on. */
function reshapes({ before, after }: Step): PolicyObject<'Network'>[] {
  if (after?.kind !== 'Network') return []
  return before?.kind === 'Network' && addressing(before) === addressing(after) ? [] : [after]
}

/** Whether rows of referrers follow: a group that comes or goes gives a name another meaning, a host has addresses. */
function concernsOthers(before: AnyObject | undefined, after: AnyObject | undefined): boolean {
  const { kind } = before ?? after ?? {}
  return kind === 'Host' || (kind === 'AddressGroup' && (before === undefined || after === undefined))
}

/** What of a network decides which addresses it hands out. */
function addressing({ fields }: PolicyObject<'Network'>): string {
  const { subnet, subnet6, gateway, gateway6, dhcp, slaac } = fields
  return JSON.stringify([subnet, subnet6, gateway, gateway6, dhcp?.range, slaac])
}

/** Does something with each value, with pauses in between. */
function* sliced<T>(values: Iterable<T>, act: (value: T) => void): Generator<void> {
  let count = 0
  for (const value of values) {
    act(value)
    if (++count % slice === 0) yield
  }
}
