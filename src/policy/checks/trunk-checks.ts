/** Checks of workloads on the interface of another. */
import type { PolicyObject } from '../object.js'
import { describe, objectId, resolveReference } from '../object.js'
import type { Complaint, Others } from './problem.js'

/** Complains of a parent that is another tenant's, or on the interface of another itself. */
export function* trunkComplaints(workload: PolicyObject<'Workload'>, others: Others): Generator<Complaint> {
  const { tenant, parent } = workload.fields
  if (parent === undefined) return
  const name = resolveReference(tenant, parent)
  if (!name.startsWith(`${tenant}/`)) {
    const message = `parent ${parent} is of another tenant: a sub-port is on a workload of its own`
    yield { code: 'foreign-workload', path: ['parent'], message }
    return
  }
  const object = others.find('Workload', objectId('Workload', name))
  if (object?.fields.parent === undefined) return
  const message = `parent ${describe(object.id)} has a parent itself: a tag within a tag is not supported`
  yield { code: 'nested-parent', path: ['parent'], message, other: { object, path: ['parent'] } }
}
