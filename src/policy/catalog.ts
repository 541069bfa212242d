import { check } from './checks/checks.js'
import type { Claim, Links } from './checks/links.js'
import { linksOf } from './checks/links.js'
import type { Others, Problem } from './checks/problem.js'
import { routeProblems, routersOf } from './checks/routes.js'
import type { KindName } from './kinds/index.js'
import { Multimap } from './multimap.js'
import type { AnyObject, PolicyObject } from './object.js'
import { compareObjects, describe, objectId } from './object.js'

/** Units to check between two pauses. */
const slice = 500

/**
 * Objects that stand beside each other, with what is wrong between them. Putting an object in or taking it out rechecks
 * only what that concerns; the problems are always those that a check of everything would find, whatever the order was.
 */
export class Catalog implements Others {
  readonly #links = new Map<AnyObject, Links>()
  readonly #byId = new Multimap<string, AnyObject>()
  readonly #byTopic = new Multimap<string, AnyObject>()
  readonly #referrers = new Multimap<string, AnyObject>()
  readonly #claims = new Multimap<string, AnyObject>()
  /** By object, `claim …` and `router …`. */
  readonly #problems = new Map<AnyObject | string, readonly Problem[]>()
  readonly #dirtyObjects = new Set<AnyObject>()
  readonly #dirtyClaims = new Set<string>()
  readonly #dirtyRouters = new Set<string>()
  #touched = new Set<string>()

  has(object: AnyObject): boolean {
    return this.#links.has(object)
  }

  /** The object with this id; the first by file where several claim to be it. */
  object(id: string): AnyObject | undefined {
    return first(this.#byId.get(id))
  }

  find<K extends KindName>(kind: K, id: string): PolicyObject<K> | undefined {
    const found = this.object(id)
    return found !== undefined && isOf(kind, found) ? found : undefined
  }

  topic<K extends KindName>(kind: K, topic: string): PolicyObject<K>[] {
    return [...this.#byTopic.get(topic)].filter((object) => isOf(kind, object)).sort(compareObjects)
  }

  /** Every object of a kind. */
  all<K extends KindName>(kind: K): PolicyObject<K>[] {
    return this.topic(kind, kind)
  }

  /** Ids of all objects whose id begins with this kind. */
  *ids(kind: string): Generator<string> {
    for (const id of this.#byId.keys()) if (id.startsWith(`${kind}/`)) yield id
  }

  /** Objects that refer to the one with this id. */
  referrers(id: string): ReadonlySet<AnyObject> {
    return this.#referrers.get(id)
  }

  put(object: AnyObject): void {
    const links = linksOf(object)
    this.#links.set(object, links)
    this.#byId.add(object.id, object)
    for (const topic of [object.kind, ...links.topics]) this.#byTopic.add(topic, object)
    for (const id of referredTo(links)) this.#referrers.add(id, object)
    for (const { key } of links.claims) this.#claims.add(key, object)
    this.#dirtyObjects.add(object)
    this.#touch(object, links)
  }

  remove(object: AnyObject): void {
    const links = this.#links.get(object)
    if (links === undefined) return
    this.#touch(object, links)
    this.#links.delete(object)
    this.#byId.delete(object.id, object)
    for (const topic of [object.kind, ...links.topics]) this.#byTopic.delete(topic, object)
    for (const id of referredTo(links)) this.#referrers.delete(id, object)
    for (const { key } of links.claims) this.#claims.delete(key, object)
    this.#dirtyObjects.delete(object)
    this.#problems.delete(object)
  }

  #touch(object: AnyObject, links: Links): void {
    this.#touched.add(object.id)
    this.#dirtyClaimsOf(object, links)
    for (const referrer of this.#referrers.get(object.id)) {
      this.#dirtyObjects.add(referrer)
      if (object.kind === 'Gateway') this.#dirtyClaimsOf(referrer)
      // Whether a workload can be reached from outside depends on its network, and what a gateway's address is on its host.
      if (object.kind === 'Network' || object.kind === 'Host')
        for (const far of this.#referrers.get(referrer.id)) this.#dirtyObjects.add(far)
    }
    for (const tenant of routersOf(object, this)) this.#dirtyRouters.add(tenant)
  }

  #dirtyClaimsOf(object: AnyObject, links = this.#links.get(object)): void {
    for (const { key } of links?.claims ?? []) this.#dirtyClaims.add(key)
  }

  /** Ids of objects put or removed since the last call. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched
    this.#touched = new Set()
    return touched
  }

  /** All that is wrong between the objects. Pauses now and then. */
  *check(): Generator<void, readonly Problem[]> {
    let count = 0
    for (const object of this.#dirtyObjects) {
      this.#note(object, [...this.missing(object, this.#links.get(object)), ...check(object, this)])
      if (++count % slice === 0) yield
    }
    for (const key of this.#dirtyClaims) {
      this.#note(`claim ${key}`, [...this.#conflict(key)])
      if (++count % slice === 0) yield
    }
    for (const tenant of this.#dirtyRouters) {
      this.#note(`router ${tenant}`, routeProblems(tenant, this))
      if (++count % slice === 0) yield
    }
    this.#dirtyObjects.clear()
    this.#dirtyClaims.clear()
    this.#dirtyRouters.clear()
    return [...this.#problems.values()].flat()
  }

  #note(unit: AnyObject | string, problems: readonly Problem[]): void {
    if (problems.length === 0) this.#problems.delete(unit)
    else this.#problems.set(unit, problems)
  }

  /** What an object, in the catalog or not, refers to and is not there. */
  *missing(object: AnyObject, links: Links | undefined = linksOf(object)): Generator<Problem> {
    for (const { id, otherwise = id, path } of links?.references ?? []) {
      if (this.object(id) ?? this.object(otherwise)) continue
      const message = `${describe(id)} does not exist`
      yield { object, path, code: 'missing-reference', message, missing: id }
    }
  }

  /** Each holder of a claim that has several is at odds with the first of the others. */
  *#conflict(key: string): Generator<Problem> {
    const holders = this.#claims.get(key)
    if (holders.size < 2) return
    const sorted = [...holders].sort(compareObjects)
    for (const object of sorted) {
      const other = sorted.find(
        (holder) =>
          holder !== object &&
          (key === object.id || holder.id !== object.id) &&
          this.#exclude(this.#claim(object, key), this.#claim(holder, key)),
      )
      const claim = this.#claim(object, key)
      const rival = other && this.#claim(other, key)
      if (other === undefined || claim === undefined || rival === undefined) continue
      const owner = other.id === object.id ? 'declared twice' : `also of ${describe(other.id)}`
      const message = `${claim.what} is ${owner}`
      yield {
        object,
        path: claim.path,
        code: claim.code,
        message,
        other: { object: other, path: rival.path },
      }
    }
  }

  /** Whether there is room for only one of two claims with the same key. */
  #exclude(one: Claim | undefined, other: Claim | undefined): boolean {
    if (one?.use !== undefined && one.use === other?.use) return false
    return this.#wire(one) === this.#wire(other)
  }

  /** What tells the wire of a claim from others: a VLAN. */
  #wire(claim: Claim | undefined): number | undefined {
    const gateway = claim?.gateway
    return gateway === undefined ? undefined : this.find('Gateway', objectId('Gateway', gateway))?.fields.vlan
  }

  #claim(object: AnyObject, key: string) {
    return this.#links.get(object)?.claims.find((claim) => claim.key === key)
  }
}

/** Ids of the objects that an object refers to, or may come to. */
function referredTo({ references }: Links): readonly string[] {
  return references.flatMap(({ id, otherwise }) => (otherwise === undefined ? id : [id, otherwise]))
}

function isOf<K extends KindName>(kind: K, object: AnyObject): object is AnyObject & PolicyObject<K> {
  return object.kind === kind
}

function first(objects: ReadonlySet<AnyObject>): AnyObject | undefined {
  if (objects.size < 2) return objects.values().next().value
  return [...objects].sort(compareObjects)[0]
}
