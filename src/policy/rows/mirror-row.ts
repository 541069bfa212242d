import { type PolicyObject, resolveReference } from '../object.js'
import { type Built, Exhausted, type Surroundings } from './built.js'

/** The row of a mirror. */
export function mirrorRow({ id: owner, fields }: PolicyObject<'Mirror'>, around: Surroundings): Built {
  const { tenant, name, select, to, direction } = fields
  const id = `${tenant}/${name}`
  const vni = around.allocations.number('vni', owner)
  if (vni === undefined) return new Exhausted(['name'], 'no vni is left for another mirror')
  return {
    table: 'mirror',
    id,
    row: { id, tenant, vni, select, to: resolveReference(tenant, to), direction },
  }
}
