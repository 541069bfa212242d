/** Checks of what a lab is to build. The controller ignores labs, so only `sluice check` makes them. */
import type { PolicyObject } from '../object.js'
import { objectId } from '../object.js'
import type { Links } from './links.js'
import type { Problem } from './problem.js'
import type { Reference } from './reference.js'

/** The hosts and workloads that a lab names. */
export function labLinks({ fields: { place } }: PolicyObject<'Lab'>): Links {
  const references = Object.entries(place).flatMap(([host, workloads]): Reference[] => [
    { id: objectId('Host', host), path: ['place', host] },
    ...workloads.map((id, index) => ({ id: objectId('Workload', id), path: ['place', host, index] })),
  ])
  return { references, claims: [], topics: [] }
}

/** Workloads that a lab places more than once. */
export function* labProblems(object: PolicyObject<'Lab'>): Generator<Problem> {
  const placed = new Map<string, string>()
  for (const [host, workloads] of Object.entries(object.fields.place))
    for (const [index, id] of workloads.entries()) {
      const other = placed.get(id)
      placed.set(id, other ?? host)
      if (other === undefined) continue
      const message = `workload ${id} is placed on host ${other} already`
      yield { object, path: ['place', host, index], code: 'bad-value', message }
    }
}
