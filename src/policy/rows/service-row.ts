import type { PolicyObject } from '../object.js'
import { present } from '../present.js'
import { type Built, Exhausted, type Surroundings } from './built.js'

/** The row of a service. */
export function serviceRow({ id: owner, fields }: PolicyObject<'Service'>, around: Surroundings): Built {
  const { tenant, name, address: addresses, ports, backends, affinity } = fields
  const id = `${tenant}/${name}`
  const translation = around.allocations.number('translation', owner)
  if (translation === undefined) return new Exhausted(['name'], 'no number is left for another service')
  const row = { id, tenant, translation, addresses, ...present({ ports }), backends, affinity }
  return { table: 'service', id, row }
}
