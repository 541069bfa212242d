/** What stands between workloads and the outside to its rows. */

import type { PolicyObject } from '../object.js'
import { resolveReference } from '../object.js'
import { present } from '../present.js'
import { type Built, Exhausted, type Surroundings } from './built.js'

const exhausted = new Exhausted(['name'], 'no number is left for another translation')

export function egressRow({ id: owner, fields }: PolicyObject<'Egress'>, around: Surroundings): Built {
  const { tenant, name, gateway, select, address } = fields
  const id = `${tenant}/${name}`
  const translation = around.allocations.number('translation', owner)
  if (translation === undefined) return exhausted
  return { table: 'egress', id, row: { id, tenant, translation, gateway, ...present({ select, address }) } }
}

export function floatingIpRow(
  { id: owner, fields }: PolicyObject<'FloatingIp'>,
  around: Surroundings,
): Built {
  const { tenant, name, gateway, address } = fields
  const id = `${tenant}/${name}`
  const translation = around.allocations.number('translation', owner)
  if (translation === undefined) return exhausted
  const workload = resolveReference(tenant, fields.workload)
  return { table: 'floatingIp', id, row: { id, tenant, translation, gateway, address, workload } }
}

export function portForwardRow(
  { id: owner, fields }: PolicyObject<'PortForward'>,
  around: Surroundings,
): Built {
  const { tenant, name, gateway, address, port, to } = fields
  const id = `${tenant}/${name}`
  const translation = around.allocations.number('translation', owner)
  if (translation === undefined) return exhausted
  const inside = { workload: `${tenant}/${to.workload}`, workloadPort: to.port }
  return { table: 'portForward', id, row: { id, tenant, translation, gateway, address, ...port, ...inside } }
}
