import type { Put } from './built.js'
import type { KindName } from './kinds/index.js'
import type { AnyObject } from './object.js'

/** An object as the controller holds it: its fields with defaults and allocations filled in, and where it stands. */
export interface ListedObject {
  readonly id: string
  readonly kind: KindName
  readonly tenant?: string
  readonly name: string
  readonly file: string
  readonly line: number
  readonly [field: string]: unknown
}

/** What `get` shows of an object; `put` is its row, if it has one. */
export function listed(object: AnyObject, put: Put | undefined): ListedObject {
  const { id, kind, name, tenant, fields, source, line } = object
  const { addresses: ip } = put?.table === 'workload' && put.row ? put.row : {}
  // As files spell it.
  const spelt = ip ? { addresses: undefined, ip, trunk: undefined } : {}
  const owner = tenant === undefined ? {} : { tenant }
  const entries = Object.entries({ ...fields, ...put?.row, ...spelt }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...Object.fromEntries(entries), id, kind, ...owner, name, file: source.file, line }
}
