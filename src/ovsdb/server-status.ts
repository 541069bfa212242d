import { checkSchema } from './check-schema.js'
import { isNamed, type OvsdbClient } from './client.js'
import { column, type Row } from './column.js'
import { RequestError } from './errors.js'
import { startMonitor } from './monitor.js'
import { Replica } from './replica.js'
import type { DatabaseSchema } from './schema.js'

const tables = {
  Database: {
    name: column.string,
    model: column.string,
    connected: column.boolean,
    leader: column.boolean,
    cid: column.optional('uuid'),
    index: column.optional('integer'),
  },
} as const

/** What a server says of one of its databases (ovsdb-server(5), "Database Table"). */
export type ServerStatus = Row<typeof tables.Database>

/**
 * Follows what the server says of one of its databases, in its database `_Server`. `onStatus` gets the present status
 * before the promise resolves, then each new one; undefined when the server does not have the database. A server
 * older than 2.9 says nothing.
 * @throws RequestError, ProtocolError, ConnectionError (rejections)
 */
export async function watchStatus(
  client: OvsdbClient,
  database: string,
  onStatus: (status: ServerStatus | undefined) => void,
): Promise<void> {
  const schema = await serverSchema(client)
  if (!schema) return
  checkSchema(tables, schema)
  await client.setDbChangeAware(true)
  const replica = new Replica(tables, () => {
    onStatus([...replica.table('Database').rows()].find(({ name }) => name === database))
  })
  replica.bind(schema)
  const columns = Object.keys(tables.Database)
  const id = `status of ${database}`
  await startMonitor(client, { database: '_Server', id, tables: { Database: { columns } } }, replica)
}

async function serverSchema(client: OvsdbClient): Promise<DatabaseSchema | undefined> {
  try {
    return await client.schema('_Server')
  } catch (error) {
    if (error instanceof RequestError && isNamed(error.error, 'unknown database')) return undefined
    throw error
  }
}
