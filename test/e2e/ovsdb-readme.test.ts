import { readdir, readFile } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import { column, connect, openSession } from '../../src/ovsdb/index.js'
import { countAlone } from '../ovsdb/examples/counter.js'
import { addPort, watchPorts } from '../ovsdb/examples/ports.js'
import { tablesOf } from '../ovsdb/examples/tables.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'

const root = new URL('../../../', import.meta.url)

async function start(t: ExecutionContext): Promise<string> {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const client = await connect(server.endpoint)
  await client.transact('Open_vSwitch', [
    { op: 'insert', table: 'Bridge', row: { name: 'br0' }, 'uuid-name': 'bridge' },
    { op: 'insert', table: 'Open_vSwitch', row: { bridges: ['named-uuid', 'bridge'] } },
  ])
  client.close()
  return server.endpoint
}

test('the examples of the page are those that are run here', async (t) => {
  const page = await readFile(new URL('src/ovsdb/README.md', root), 'utf8')
  const shown = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, text]) => text)
  const folder = new URL('test/ovsdb/examples/', root)
  const files = await readdir(folder)
  const run = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))
  t.deepEqual(shown.sort(), run.sort())
  t.is(run.length, 3)
})

test('a port is added, and its number told', async (t) => {
  const endpoint = await start(t)
  const lines: string[] = []
  const session = watchPorts(endpoint, (line) => lines.push(line))
  t.teardown(() => session.close())
  await firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connected')))
  const port = await addPort(session, 'br0', 'p0')
  t.is(port?.name, 'p0')
  await session.transact((tx) => tx.update('Interface', [['name', '==', 'p0']], { ofport: 7 }))
  t.deepEqual(lines, ['connected from this machine', 'p0 is now port 7'])
  await t.throwsAsync(addPort(session, 'br1', 'p1'), { message: 'there is no bridge br1' })
})

test('programs count one at a time', async (t) => {
  const endpoint = await start(t)
  const counts = await Promise.all([countAlone(endpoint), countAlone(endpoint), countAlone(endpoint)])
  t.deepEqual(counts.sort(), [1, 2, 3])
})

test('declarations come from the schema, for every shape of column', async (t) => {
  const endpoint = await start(t)
  const text = await tablesOf(endpoint, 'Open_vSwitch', ['QoS', 'Queue'])
  t.is(
    text,
    `export const tables = {
  QoS: {
    external_ids: column.map('string', 'string'),
    other_config: column.map('string', 'string'),
    queues: column.map('bigint', 'uuid'),
    type: column.string,
  },
  Queue: {
    dscp: column.optional('bigint'),
    external_ids: column.map('string', 'string'),
    other_config: column.map('string', 'string'),
  },
} as const
`,
  )
  // The text of all tables, taken for the program that it is, fits the server.
  const all = await connect(endpoint).then(async (client) => {
    const names = [...(await client.schema('Open_vSwitch')).tables.keys()]
    client.close()
    return tablesOf(endpoint, 'Open_vSwitch', names)
  })
  const body = all.replace('export const tables =', 'return').replace(' as const', '')
  const session = openSession({
    endpoint,
    database: 'Open_vSwitch',
    tables: new Function('column', body)(column),
  })
  t.teardown(() => session.close())
  await firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connected')))
  t.is(session.replica.table('Bridge').size, 1)
  await t.throwsAsync(tablesOf(endpoint, 'Open_vSwitch', ['Absent']), { code: 'schema' })
})
