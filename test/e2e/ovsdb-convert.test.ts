import { readFile } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom, skip } from 'rxjs'
import { column, connect, openSession, RequestError, SchemaError } from '../../src/ovsdb/index.js'
import { isObject, type Json, parseJson } from '../../src/ovsdb/json.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'

const file = '/usr/share/openvswitch/vswitch.ovsschema'
const database = 'Open_vSwitch'
const tables = { Queue: { dscp: column.optional('integer') } } as const

async function setUp(t: ExecutionContext) {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const client = await connect(server.endpoint)
  t.teardown(() => client.close())
  // Else its own conversion ends its connection.
  await client.setDbChangeAware(true)
  return { server, client }
}

/** The schema of Open vSwitch with other columns in the table Queue. */
async function altered(alter: (columns: { readonly [column: string]: Json }) => Json): Promise<Json> {
  const schema = parseJson(await readFile(file, 'utf8'))
  const all = isObject(schema) && isObject(schema.tables) ? schema.tables : {}
  const queue = isObject(all.Queue) ? all.Queue : {}
  const columns = alter(isObject(queue.columns) ? queue.columns : {})
  return { ...(isObject(schema) ? schema : {}), tables: { ...all, Queue: { ...queue, columns } } }
}

test('a server has an id until it is started again', async (t) => {
  const { server, client } = await setUp(t)
  const id = await client.serverId()
  t.is(await client.serverId(), id)
  await server.kill()
  await server.restart()
  const again = await connect(server.endpoint)
  t.teardown(() => again.close())
  t.not(await again.serverId(), id)
})

test('a database is converted under a session, which goes on with the new schema', async (t) => {
  const { server, client } = await setUp(t)
  const session = openSession({ endpoint: server.endpoint, database, tables, backoff: { minMs: 10 } })
  t.teardown(() => session.close())
  const connected = session.states.pipe(filter(({ status }) => status === 'connected'))
  await firstValueFrom(connected)
  await session.transact((tx) => tx.insert('Queue', { dscp: 7 }))
  const back = firstValueFrom(connected.pipe(skip(1)))
  await client.convert(database, await altered((columns) => ({ ...columns, added: { type: 'string' } })))
  await back
  t.deepEqual(
    Array.from(session.replica.table('Queue').rows(), ({ dscp }) => dscp),
    [7],
  )
  const rich = { Queue: { ...tables.Queue, added: column.string } } as const
  const wide = openSession({ endpoint: server.endpoint, database, tables: rich })
  t.teardown(() => wide.close())
  await firstValueFrom(wide.states.pipe(filter(({ status }) => status === 'connected')))
  t.deepEqual(
    Array.from(wide.replica.table('Queue').rows(), ({ dscp, added }) => [dscp, added]),
    [[7, '']],
  )

  const failed = firstValueFrom(
    session.states.pipe(
      filter((state) => state.status === 'disconnected' && state.reason instanceof SchemaError),
    ),
  )
  await client.convert(database, await altered(({ dscp: _, ...others }) => others))
  const state = await failed
  t.regex(state.status === 'disconnected' ? state.reason.message : '', /no column Queue\.dscp/)
})

test('a connection that is aware of changes outlives a conversion, and hears which monitors do not', async (t) => {
  const { server, client } = await setUp(t)
  const aware = await connect(server.endpoint)
  t.teardown(() => aware.close())
  await aware.setDbChangeAware(true)
  const unaware = await connect(server.endpoint)
  t.teardown(() => unaware.close())
  const canceled = new Promise((resolve) => aware.listen('monitor_canceled', 'm', resolve))
  await aware.request('monitor', [database, 'm', { Queue: [{ columns: ['dscp'] }] }], () => {})
  await unaware.listDatabases()
  await client.convert(database, await altered((columns) => ({ ...columns, added: { type: 'string' } })))
  await unaware.closed
  t.deepEqual(await canceled, ['m'])
  t.true((await aware.schema(database)).tables.get('Queue')?.has('added'))
})

test('a schema that does not fit is refused', async (t) => {
  const { client } = await setUp(t)
  await t.throwsAsync(client.convert(database, { name: 'other', version: '1.0.0', tables: {} }), {
    instanceOf: RequestError,
  })
  await t.throwsAsync(client.convert('absent', await altered((columns) => columns)), {
    instanceOf: RequestError,
    message: /unknown database/,
  })
})
