import { RequestError } from '../api/contract.js'
import type { Model } from '../model/model.js'

/**
 * The id of a workload that a client names `tenant/name`, or by a bare name that is unique.
 * @throws RequestError
 */
export function resolveWorkload(model: Model, name: string): string {
  if (model.get('workload', name)) return name
  const found = [...model.rows('workload')].filter((workload) => workload.name === name)
  const [only] = found
  if (!only) throw new RequestError('unknown-name', `no workload is named ${name}`)
  if (found.length > 1)
    throw new RequestError('ambiguous-name', `${name} may be ${found.map(({ id }) => id).join(' or ')}`)
  return only.id
}

/**
 * The name, if a tenant has it.
 * @throws RequestError
 */
export function tenantNamed(model: Model, name: string): string {
  if (!model.get('tenant', name)) throw new RequestError('unknown-name', `no tenant is named ${name}`)
  return name
}

/** Whether a client that says `name` or `tenant/name` of a kind means this object. */
export function isNamed(object: string, kind: string, name: string): boolean {
  return object === `${kind}/${name}` || (object.startsWith(`${kind}/`) && object.endsWith(`/${name}`))
}
