/** A route to its row: who takes its packets on, by id. */

import { hopsOf } from '../checks/route-checks.js'
import type { PolicyObject } from '../object.js'
import { resolveReference } from '../object.js'
import { present } from '../present.js'
import { type Built, Exhausted, type Surroundings } from './built.js'

export function routeRow({ id: owner, fields }: PolicyObject<'Route'>, around: Surroundings): Built {
  const { tenant, name, to, select } = fields
  const id = `${tenant}/${name}`
  const translation = around.allocations.number('translation', owner)
  if (translation === undefined) return new Exhausted(['name'], 'no number is left for another route')
  const hops = hopsOf(fields)
  const via = hops.flatMap((hop) =>
    hop.kind === 'workload' ? resolveReference(tenant, hop.name) : hop.kind === 'address' ? hop.name : [],
  )
  const gateways = hops.flatMap((hop) => (hop.kind === 'gateway' ? hop.name : []))
  const row = { id, tenant, translation, to, ...present({ select }) }
  if (gateways.length > 0) return { table: 'route', id, row: { ...row, gateways } }
  return { table: 'route', id, row: via.length > 0 ? { ...row, via } : row }
}
