import { isDeepStrictEqual } from 'node:util'
import { removeController } from './controller.js'
import type { Journal } from './journal.js'
import { namespaceOf, type Site } from './names.js'
import { createNamespaces, isNamespace, removeNamespaces, runsIn } from './namespaces.js'
import { createOvs, ovsRuns, removeOvs } from './ovs.js'
import { createPlugs, removePlugs } from './plug.js'
import { isKind, type Kind, keyOf, kinds, needsOf, type Thing, type ThingFor } from './thing.js'
import {
  createAddresses,
  createLinks,
  createWires,
  removeAddresses,
  removeLinkThings,
  removeWires,
} from './wire.js'

/** Says in a few words what is going on, for people. */
export type Progress = (line: string) => void

/**
 * Brings the lab to exactly these things: removes what is not wanted, half made, changed or dead, with all
 * that stands on it, and makes what is missing. Nothing else is touched, so that a second call does nothing.
 * Controllers are only removed here: starting one is more than making a thing.
 */
export async function reconcile(
  site: Site,
  journal: Journal,
  desired: readonly Thing[],
  progress: Progress,
): Promise<void> {
  const stale = staleThings(site, journal, new Map(desired.map((thing) => [keyOf(thing), thing])))
  for (const kind of [...kinds].reverse()) {
    const things = stale.filter((thing) => thing.kind === kind)
    if (things.length === 0) continue
    progress(`removing ${describe(kind, things)}`)
    await remove(site, kind, things)
    journal.gone(things)
  }
  for (const kind of kinds) {
    const things = desired.filter((thing) => thing.kind === kind && !journal.entries.has(keyOf(thing)))
    if (things.length === 0) continue
    progress(`making ${describe(kind, things)}`)
    journal.begin(things)
    await create(site, kind, things)
    journal.done(things)
  }
}

const describe = (kind: Kind, things: readonly Thing[]): string =>
  `${kind}: ${things
    .slice(0, 6)
    .map(({ id }) => id)
    .join(', ')}${things.length > 6 ? ` and ${things.length - 6} more` : ''}`

function staleThings(site: Site, { entries }: Journal, desired: ReadonlyMap<string, Thing>): Thing[] {
  const stale = new Map<string, Thing>()
  for (const kind of kinds) {
    for (const [key, { thing, done }] of entries) {
      if (thing.kind !== kind) continue
      const wanted = desired.get(key)
      const keep =
        done &&
        wanted !== undefined &&
        isDeepStrictEqual(wanted.spec, thing.spec) &&
        needsOf(thing).every((need) => entries.has(need) && !stale.has(need)) &&
        isAlive(site, thing)
      if (!keep) stale.set(key, thing)
    }
  }
  return [...stale.values()]
}

/** What can end by itself is looked at; the rest lives as long as its namespace. */
function isAlive(site: Site, thing: Thing): boolean {
  switch (thing.kind) {
    case 'namespace':
      return isNamespace(namespaceOf(site, thing.id))
    case 'ovs':
      return ovsRuns(site, thing.id)
    case 'controller':
      return thing.spec.pid !== undefined && runsIn(thing.spec.pid, namespaceOf(site, 'controller'))
    default:
      return true
  }
}

const only = <K extends Kind>(kind: K, things: readonly Thing[]): ThingFor<K>[] =>
  things.filter((thing) => isKind(kind, thing))

async function create(site: Site, kind: Kind, things: readonly Thing[]): Promise<void> {
  switch (kind) {
    case 'namespace':
      return createNamespaces(site, only(kind, things))
    case 'wire':
      return createWires(site, only(kind, things))
    case 'ovs':
      return createOvs(site, only(kind, things))
    case 'link':
      return createLinks(site, only(kind, things))
    case 'address':
      return createAddresses(site, only(kind, things))
    case 'plug':
      return createPlugs(site, only(kind, things))
    case 'controller':
      return
  }
}

async function remove(site: Site, kind: Kind, things: readonly Thing[]): Promise<void> {
  switch (kind) {
    case 'namespace':
      return removeNamespaces(
        site,
        things.map(({ id }) => namespaceOf(site, id)),
      )
    case 'wire':
      return removeWires(site, only(kind, things))
    case 'ovs':
      return removeOvs(site, only(kind, things))
    case 'link':
      return removeLinkThings(site, only(kind, things))
    case 'address':
      return removeAddresses(site, only(kind, things))
    case 'plug':
      return removePlugs(site, only(kind, things))
    case 'controller':
      for (const thing of only(kind, things)) await removeController(site, thing)
  }
}
