import type { Host } from './attach.js'
import type { Database } from './database.js'
import { keys } from './keys.js'
import type { Link } from './links.js'
import { look } from './look.js'
import type { Attachment } from './plan.js'

/** An interface that is attached on somebody's behalf. */
export interface Owned {
  readonly interface: string
  readonly owner: string
}

/** Everything on the host that is attached on somebody's behalf. */
export const ownedInterfaces = (database: Database): readonly Owned[] =>
  database.ports().flatMap(({ interface: { external_ids } }) => {
    const [iface, owner] = [external_ids.get(keys.iface), external_ids.get(keys.owner)]
    return iface === undefined || owner === undefined ? [] : [{ interface: iface, owner }]
  })

/** How an attachment stands: the parts that are in place. Changes nothing. Throws AttachError. */
export async function inspect(
  { run, database }: Host,
  attachment: Attachment,
): Promise<{ readonly port: boolean; readonly inner?: Link }> {
  const [found] = await look(run, database, [attachment])
  const row = found?.own?.interface
  const port =
    row?.ofport !== undefined && row.ofport > 0 && row.external_ids.get(keys.owner) === attachment.owner
  return { port, ...(found?.inner ? { inner: found.inner } : {}) }
}
