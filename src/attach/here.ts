import { type AttachOptions, attach } from './attach.js'
import { runCommand } from './command.js'
import { Database } from './database.js'
import { type Detached, detach } from './detach.js'
import type { Attached } from './gather.js'
import type { Attachment } from './plan.js'

/** The host that this process runs on, and its database. */
export interface LocalOptions extends AttachOptions {
  /** Such as `unix:/var/run/openvswitch/db.sock`. */
  readonly db: string
  /** Time for the database to answer, and for other commands about the same interface to end. Default 10,000. */
  readonly databaseWithinMs?: number
}

const run = (argv: readonly string[], input?: string) =>
  runCommand(argv, input === undefined ? {} : { input })

/** Attaches one workload to the host that this process runs on. Throws AttachError, EndpointError. */
export function attachHere(attachment: Attachment, options: LocalOptions): Promise<Attached> {
  return here(attachment.interface, options, async (database) => {
    const [attached] = await attach({ run, database }, [attachment], options)
    if (!attached) throw new RangeError('one attachment has one result')
    return attached
  })
}

/** Detaches one workload from the host that this process runs on; see {@link detach}. */
export function detachHere(interfaceId: string, options: LocalOptions, owner?: string): Promise<Detached> {
  return here(interfaceId, options, (database) => detach({ run, database }, [interfaceId], owner))
}

async function here<R>(
  interfaceId: string,
  { db, databaseWithinMs = 10_000 }: LocalOptions,
  work: (database: Database) => Promise<R>,
): Promise<R> {
  const database = await Database.open(db, databaseWithinMs)
  try {
    return await database.alone(interfaceId, databaseWithinMs, () => work(database))
  } finally {
    await database.close()
  }
}
