import { type AttachOptions, attach, type Host } from './attach.js'
import { runCommand } from './command.js'
import { Database } from './database.js'
import { type Detached, detach } from './detach.js'
import type { Attached } from './gather.js'
import type { Attachment } from './plan.js'

/** Where the database of the host that this process runs on is. */
export interface LocalOptions {
  /** Such as `unix:/var/run/openvswitch/db.sock`. */
  readonly db: string
  /** Time for the database to answer, and for other commands about the same interface to end. Default 10,000. */
  readonly databaseWithinMs?: number
}

const defaultWithinMs = 10_000

/** Attaches one workload to the host that this process runs on. Throws AttachError, EndpointError. */
export const attachHere = (
  attachment: Attachment,
  options: LocalOptions & AttachOptions,
): Promise<Attached> =>
  withHost(options, (host) =>
    host.database.alone(attachment.interface, options.databaseWithinMs ?? defaultWithinMs, async () => {
      const [attached] = await attach(host, [attachment], options)
      if (!attached) throw new RangeError('one attachment has one result')
      return attached
    }),
  )

/** Detaches one workload from the host that this process runs on; see {@link detach}. Throws AttachError, EndpointError. */
export const detachHere = (interfaceId: string, options: LocalOptions): Promise<Detached> =>
  withHost(options, (host) => detachAlone(host, interfaceId, options))

/** {@link detach} of one workload, when no other command works on it. */
export const detachAlone = (
  host: Host,
  interfaceId: string,
  { databaseWithinMs = defaultWithinMs }: LocalOptions,
  owner?: string,
): Promise<Detached> =>
  host.database.alone(interfaceId, databaseWithinMs, () => detach(host, [interfaceId], owner))

/** Calls `work` with the host that this process runs on. Throws AttachError, EndpointError. */
export async function withHost<R>(
  { db, databaseWithinMs = defaultWithinMs }: LocalOptions,
  work: (host: Host) => Promise<R>,
): Promise<R> {
  const database = await Database.open(db, databaseWithinMs)
  try {
    const run: Host['run'] = (argv, input) => runCommand(argv, input === undefined ? {} : { input })
    return await work({ run, database })
  } finally {
    await database.close()
  }
}
