import type { KindName } from './kinds/index.js'
import { formatServicePort } from './kinds/service-port.js'
import type { AnyObject } from './object.js'
import type { Put } from './rows/built.js'

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
  const told = put && toldAs(put)
  const owner = tenant === undefined ? {} : { tenant }
  const entries = Object.entries({ ...fields, ...put?.row, ...told }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...Object.fromEntries(entries), id, kind, ...owner, name, file: source.file, line }
}

/** What a row says, as files spell it. */
function toldAs({ table, row }: Put) {
  if (table === 'workload') return { addresses: undefined, ip: row?.addresses, trunk: undefined }
  if (table === 'service') return { addresses: undefined, ports: row.ports?.map(formatServicePort) }
  if (table === 'route') return { via: row.via, gateway: undefined }
  return {}
}
