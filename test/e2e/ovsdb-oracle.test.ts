import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { filter, firstValueFrom, skip } from 'rxjs'
import {
  CommitError,
  connect,
  declareTables,
  type Operation,
  OperationError,
  openSession,
  type Uuid,
  uuid,
} from '../../src/ovsdb/index.js'
import { formatJson } from '../../src/ovsdb/json.js'
import { row, schema, tables } from '../ovsdb/support/every-type.js'
import {
  canonicalValues,
  canonicalWire,
  exactly,
  ovsdbClient,
  wireText,
} from '../ovsdb/support/ovsdb-client.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'

/** What Open vSwitch's own client reads and writes is what this one does. */

const database = schema.name
type WireRow = Readonly<Record<string, unknown>>

async function setUp(t: ExecutionContext) {
  const server = await OvsdbServer.startWith(schema)
  t.teardown(() => server.stop())
  const session = openSession({ endpoint: server.endpoint, database, tables, backoff: { minMs: 10 } })
  t.teardown(() => session.close())
  const connected = session.states.pipe(filter(({ status }) => status === 'connected'))
  await firstValueFrom(connected)
  const client = await connect(server.endpoint)
  t.teardown(() => client.close())
  await client.setDbChangeAware(true)
  const replica = () => Array.from(session.replica.table('T').rows(), canonicalValues).sort()
  const selected = async () =>
    (await session.transact((tx) => tx.select('T', []))).map(canonicalValues).sort()
  return { server, session, connected, client, replica, selected }
}

/** The rows that ovsdb-client dumps. */
async function dump(server: OvsdbServer): Promise<string[]> {
  const text = await ovsdbClient('--format=json', 'dump', server.endpoint, database, 'T')
  const { headings, data } = exactly(text) as { headings: string[]; data: unknown[][] }
  return data
    .map((cells) => canonicalWire(Object.fromEntries(cells.map((cell, at) => [headings[at], cell]))))
    .sort()
}

test('rows that this client writes are dumped by the other one', async (t) => {
  const { server, session, replica, selected } = await setUp(t)
  const rows = fc.sample(row, { numRuns: 300, seed: 7047 })
  for (let at = 0; at < rows.length; at += 20) {
    await session.transact((tx) => rows.slice(at, at + 20).map((values) => tx.insert('T', values)))
  }
  const written = rows.map((values) => canonicalValues(values)).sort()
  t.deepEqual(await dump(server), written)
  t.deepEqual(await selected(), written)
  t.deepEqual(replica(), written)
})

test('rows that the other client writes, and what it selects, are read by this one', async (t) => {
  const { server, replica, selected } = await setUp(t)
  const rows = fc.sample(row, { numRuns: 60, seed: 7048 })
  const chosen: string[] = []
  for (let at = 0; at < rows.length; at += 10) {
    const inserts = rows
      .slice(at, at + 10)
      .map((values) => `{"op":"insert","table":"T","row":${wireText(values)}}`)
    const select = '{"op":"select","table":"T","where":[]}'
    const text = await ovsdbClient('transact', server.endpoint, `["${database}",${[...inserts, select]}]`)
    const results = exactly(text) as { readonly rows: WireRow[] }[]
    chosen.splice(0, chosen.length, ...(results.at(-1)?.rows ?? []).map(canonicalWire))
  }
  const written = rows.map((values) => canonicalValues(values)).sort()
  t.deepEqual(await selected(), written)
  t.deepEqual(replica(), written)
  t.deepEqual(chosen.sort(), written)
})

test('both monitors follow random transactions to the same rows', async (t) => {
  const { server, session, replica } = await setUp(t)
  const end = uuid('00000000-0000-4000-8000-00000000000e')
  const monitor = spawn('ovsdb-client', ['--format=json', 'monitor', server.endpoint, database, 'T'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(async () => {
    if (monitor.exitCode === null && monitor.kill()) await once(monitor, 'exit')
  })
  const rows = new Map<unknown, WireRow>()
  const followed = follow(monitor.stdout, rows, end)
  await session.transact((tx) => tx.insert('T', { colour: 'red' }))
  for (const [first, second] of fc.sample(fc.tuple(row, row), { numRuns: 60, seed: 7049 })) {
    const present = Array.from(session.replica.table('T').rows(), ({ _uuid }) => _uuid).sort()
    const [one, other] = [present[first.percent % present.length], present[second.percent % present.length]]
    await session.transact((tx) => {
      tx.insert('T', first)
      if (one !== undefined && first.boolean) tx.update('T', one, { ...second, string: first.string })
      else if (one !== undefined) {
        tx.mutate('T', one, [
          ['integers', 'insert', first.integers],
          ['strings', 'delete', first.strings],
          ['stringsToIntegers', 'insert', second.stringsToIntegers],
        ])
      }
      if (other !== undefined && second.boolean) tx.delete('T', other)
    })
  }
  await session.transact((tx) => tx.insert('T', { colour: 'red', uuid: end }))
  await followed
  t.true(rows.size > 20)
  t.deepEqual([...rows.values()].map(canonicalWire).sort(), replica())
})

/** Does to rows what the lines of a monitor say, until a row has this uuid in its column `uuid`. */
async function follow(lines: Readable, rows: Map<unknown, WireRow>, end: Uuid): Promise<void> {
  let id: unknown
  for await (const line of createInterface(lines)) {
    const { headings, data } = exactly(line) as { headings: string[]; data: unknown[][] }
    for (const cells of data) {
      const told: WireRow = Object.fromEntries(cells.map((cell, at) => [headings[at], cell]))
      // A change takes two lines; only the first has the row's uuid.
      if (told.row !== '') id = told.row
      if (told.action === 'delete') rows.delete(id)
      else if (told.action !== 'old') rows.set(id, told)
      if (JSON.stringify(told.uuid) === JSON.stringify(['uuid', end])) return
    }
  }
  throw new Error('the monitor ended')
}

const anyUuid = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g
const absent = ['uuid', '00000000-0000-4000-8000-0000000000ff']
const insert = (values: Extract<Operation, { op: 'insert' }>['row']): Operation => ({
  op: 'insert',
  table: 'T',
  row: { colour: 'red', ...values },
})
const refused: readonly (readonly Operation[])[] = [
  [insert({ colour: 'pink' })],
  [insert({}), insert({ colours: ['set', ['red', 'pink']] })],
  [insert({ percent: 101 })],
  [insert({ integer: 'x' })],
  [insert({ strings: ['set', ['a', 'a']] })],
  [insert({ unknown: 1 })],
  [insert({ uuid: ['named-uuid', 3] })],
  [insert({ ref: absent })],
  [{ op: 'select', table: 'Absent', where: [] }],
  [{ op: 'select', table: 'T', where: [['string', '<', 'a']] }],
  [{ op: 'update', table: 'T', where: [], row: { percent: -1 } }],
  [{ op: 'mutate', table: 'T', where: [], mutations: [['integer', '/=', 0]] }],
  [
    insert({ integer: 2n ** 63n - 1n }),
    { op: 'mutate', table: 'T', where: [], mutations: [['integer', '+=', 1]] },
  ],
  [
    {
      op: 'wait',
      table: 'T',
      where: [],
      columns: ['integer'],
      until: '!=',
      rows: [{ integer: 1 }],
      timeout: 0,
    },
  ],
  [insert({}), { op: 'abort' }],
  [insert({}), { op: 'assert', lock: 'l' }],
]

test('both say the same of what is refused, and why', async (t) => {
  const { server, session, client } = await setUp(t)
  await session.transact((tx) => tx.insert('T', { integer: 1n, colour: 'red' }))
  let commits = 0
  for (const operations of refused) {
    const text = formatJson([database, ...operations])
    const results: readonly ({ error?: string; details?: string } | null)[] = JSON.parse(
      await ovsdbClient('transact', server.endpoint, text),
    )
    const index = results.findIndex((result) => result?.error !== undefined)
    const { error: name, details } = results[index] ?? {}
    const error = await t.throwsAsync(client.transact(database, operations), undefined, text)
    if (error instanceof CommitError) {
      commits++
      t.is(index, operations.length, text)
    } else t.true(error instanceof OperationError && error.index === index, text)
    if (error instanceof CommitError || error instanceof OperationError) {
      t.is<string | undefined, string | undefined>(error.error, name, text)
      t.is(error.details?.replace(anyUuid, 'uuid'), details?.replace(anyUuid, 'uuid'), text)
    }
  }
  t.is(commits, 1)
  t.is((await dump(server)).length, 1)
})

test('a database that one client converts is the same for the other', async (t) => {
  const { server, session, connected, client, replica } = await setUp(t)
  const rows = fc.sample(row, { numRuns: 20, seed: 7050 })
  await session.transact((tx) => rows.map((values) => tx.insert('T', values)))
  const before = replica()
  const { ref: _, ...kept } = schema.tables.T.columns
  const next = {
    ...schema,
    version: '2.0.0',
    tables: { T: { isRoot: true, columns: { ...kept, added: { type: 'string' } } } },
  }
  const file = join(server.directory, 'next.ovsschema')
  await writeFile(file, JSON.stringify(next))
  t.is((await ovsdbClient('needs-conversion', server.endpoint, file)).trim(), 'yes')

  const again = firstValueFrom(connected.pipe(skip(1)))
  await ovsdbClient('convert', server.endpoint, file)
  await again
  const converted = await client.schema(database)
  t.is(converted.version, '2.0.0')
  t.is((await ovsdbClient('get-schema-version', server.endpoint, database)).trim(), '2.0.0')
  t.deepEqual(
    [...(converted.tables.get('T')?.keys() ?? [])].sort(),
    Object.keys(next.tables.T.columns).sort(),
  )
  t.regex(declareTables(converted), /added: column.string/)
  t.deepEqual(replica(), before)
  t.deepEqual(await dump(server), before)

  const back = firstValueFrom(connected.pipe(skip(1)))
  await client.convert(database, JSON.parse(JSON.stringify(schema)))
  await back
  const told = JSON.parse(await ovsdbClient('get-schema', server.endpoint, database))
  t.is(told.version, schema.version)
  t.deepEqual(Object.keys(told.tables.T.columns).sort(), Object.keys(schema.tables.T.columns).sort())
  t.deepEqual(replica(), before)
  t.deepEqual(await dump(server), before)
})
