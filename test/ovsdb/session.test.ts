import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom, lastValueFrom } from 'rxjs'
import {
  CanceledError,
  type Change,
  ConnectionError,
  column,
  openSession,
  RequestError,
  SchemaError,
  type SessionOptions,
  uuid,
} from '../../src/ovsdb/index.js'
import { FakeServer, type Handler, RefusedRequest } from './support/fake-server.js'
import { ManualTimer } from './support/manual-timer.js'

const tables = { T: { name: column.string, tags: column.set('integer') } } as const
const a = uuid('00000000-0000-4000-8000-00000000000a')
const b = uuid('00000000-0000-4000-8000-00000000000b')
const c = uuid('00000000-0000-4000-8000-00000000000c')
const t1 = uuid('00000000-0000-4000-8000-000000000001')
const t2 = uuid('00000000-0000-4000-8000-000000000002')
const many = { key: 'integer', min: 0, max: 'unlimited' } as const
const schema = {
  name: 'db',
  version: '1.0.0',
  tables: { T: { columns: { name: { type: 'string' }, tags: { type: many } } } },
}
const initial = { T: { [a]: { initial: { name: 'a', tags: 1 } }, [b]: { initial: { name: 'b' } } } }

async function setUp(
  t: ExecutionContext,
  handlers: Record<string, Handler>,
  options: Partial<SessionOptions<typeof tables>> = {},
) {
  const server = await FakeServer.start({ get_schema: () => schema, ...handlers })
  t.teardown(() => server.stop())
  const clock = new ManualTimer()
  const session = openSession({
    endpoint: server.endpoint,
    database: 'db',
    tables,
    timer: clock.timer,
    random: () => 0,
    ...options,
  })
  t.teardown(() => session.close())
  const changes: (readonly Change<typeof tables>[])[] = []
  session.changes.subscribe((list) => changes.push(list))
  const reached = (status: 'connected' | 'disconnected') =>
    firstValueFrom(session.states.pipe(filter((state) => state.status === status)))
  const rows = () => [...session.replica.table('T').rows()].map(({ name, tags }) => [name, ...tags])
  const names = () => changes.map((list) => list.map((change) => [change.old?.name, change.new?.name]))
  return { server, clock, session, changes, names, reached, rows }
}

test('monitor_cond_since is asked first; update3 is applied as a difference', async (t) => {
  const { server, session, reached, rows, changes } = await setUp(t, {
    monitor_cond_since: () => [false, t1, initial],
  })
  await reached('connected')
  t.deepEqual(rows(), [['a', 1], ['b']])
  const update = firstValueFrom(session.changes)
  server.connections[0]?.notify('update3', [
    'db',
    t2,
    {
      T: {
        [a]: { modify: { tags: ['set', [1, 2, 3]] } },
        [b]: { delete: null },
        [c]: { insert: { tags: 4 } },
      },
    },
  ])
  t.deepEqual(
    (await update).map((change) => [change.old?.tags, change.new?.tags]),
    [
      [new Set([1]), new Set([2, 3])],
      [new Set(), undefined],
      [undefined, new Set([4])],
    ],
  )
  t.deepEqual(rows(), [
    ['a', 2, 3],
    ['', 4],
  ])
  t.is(changes.length, 2)
})

test('a server without it gets monitor_cond and sends update2', async (t) => {
  const { server, session, reached, rows } = await setUp(t, { monitor_cond: () => initial })
  await reached('connected')
  t.deepEqual(server.methods, ['get_schema', 'monitor_cond_since', 'monitor_cond'])
  const update = firstValueFrom(session.changes)
  server.connections[0]?.notify('update2', ['db', { T: { [b]: { modify: { name: 'B' } } } }])
  await update
  t.deepEqual(rows(), [['a', 1], ['B']])
})

test('a server of RFC 7047 gets monitor and sends update', async (t) => {
  const { server, session, reached, rows } = await setUp(t, {
    monitor: () => ({
      T: { [a]: { new: { name: 'a', tags: 1 } }, [b]: { new: { name: 'b', tags: ['set', []] } } },
    }),
  })
  await reached('connected')
  t.deepEqual(server.methods, ['get_schema', 'monitor_cond_since', 'monitor_cond', 'monitor'])
  t.deepEqual(rows(), [['a', 1], ['b']])
  const update = firstValueFrom(session.changes)
  server.connections[0]?.notify('update', [
    'db',
    {
      T: {
        [a]: { old: { tags: 1 }, new: { name: 'a', tags: ['set', [5, 6]] } },
        [b]: { old: { name: 'b' } },
      },
    },
  ])
  await update
  t.deepEqual(rows(), [['a', 5, 6]])
})

test('conditions cannot fall back to a monitor that has none', async (t) => {
  const { session, reached } = await setUp(
    t,
    { monitor: () => ({}) },
    { conditions: { T: [['name', '==', 'a']] } },
  )
  await reached('disconnected')
  const { state } = session
  t.true(state.status === 'disconnected' && state.reason instanceof RequestError)
})

test('after a reconnection the difference to a whole new content is the change', async (t) => {
  let content: Record<string, { initial: { name: string; tags?: number } }> = initial.T
  const { server, clock, reached, names, rows } = await setUp(t, {
    monitor_cond_since: () => [false, t1, { T: content }],
  })
  await reached('connected')
  content = {
    [b]: { initial: { name: 'B' } },
    [c]: { initial: { name: 'c' } },
    [a]: { initial: { name: 'a', tags: 1 } },
  }
  server.connections[0]?.hangUp()
  await reached('disconnected')
  t.deepEqual(rows(), [['a', 1], ['b']])
  clock.advance(250)
  await reached('connected')
  t.deepEqual(names().slice(1), [
    [
      ['b', 'B'],
      [undefined, 'c'],
    ],
  ])
})

test('after a reconnection a server that knows the last transaction sends only what came after', async (t) => {
  const { server, clock, reached, names, rows } = await setUp(t, {
    monitor_cond_since: ([, , , since]) =>
      since === t2 ? [true, t2, { T: { [a]: { modify: { name: 'A' } } } }] : [false, t1, initial],
  })
  await reached('connected')
  server.connections[0]?.notify('update3', ['db', t2, { T: { [b]: { delete: null } } }])
  server.connections[0]?.socket.end()
  await reached('disconnected')
  clock.advance(250)
  await reached('connected')
  t.deepEqual(rows(), [['A', 1]])
  t.deepEqual(names().slice(1), [[['b', undefined]], [['a', 'A']]])
})

test('an update that makes no sense is not applied in part; the content is fetched anew', async (t) => {
  const { server, session, clock, reached, rows, changes } = await setUp(t, {
    monitor_cond_since: () => [false, t1, initial],
  })
  await reached('connected')
  server.connections[0]?.notify('update3', [
    'db',
    t2,
    { T: { [a]: { modify: { name: 'A' } }, [c]: { modify: { name: 'C' } } } },
  ])
  await reached('disconnected')
  const { state } = session
  t.true(state.status === 'disconnected' && 'code' in state.reason && state.reason.code === 'protocol')
  t.deepEqual(rows(), [['a', 1], ['b']])
  clock.advance(250)
  await reached('connected')
  t.is(changes.length, 1)
})

test('a transaction in flight when the connection dies may have been applied', async (t) => {
  const { session, clock, reached } = await setUp(t, {
    monitor_cond_since: () => [false, t1, initial],
    transact: (_params, connection) => {
      connection.hangUp()
      return undefined
    },
  })
  await reached('connected')
  const lost = await t.throwsAsync(
    session.transact((tx) => tx.delete('T', a)),
    { instanceOf: ConnectionError },
  )
  t.true(lost.mayHaveBeenApplied)
  await reached('disconnected')
  const unsent = await t.throwsAsync(
    session.transact((tx) => tx.delete('T', a)),
    { instanceOf: ConnectionError },
  )
  t.false(unsent.mayHaveBeenApplied)
  t.deepEqual(clock.delays, [250])
})

for (const [manner, confirm] of [
  ['with a reply', true],
  ['without a word', false],
] as const) {
  test(`a server drops a transaction that is called off, ${manner}`, async (t) => {
    const { server, session, reached } = await setUp(t, {
      monitor_cond_since: () => [false, t1, initial],
      transact: () => undefined,
      echo: () => [],
      cancel: ([id = null], connection) => {
        if (confirm) connection.send({ id, result: null, error: 'canceled' })
        return undefined
      },
    })
    await reached('connected')
    const abort = new AbortController()
    const transaction = session.transact((tx) => tx.delete('T', a), { signal: abort.signal })
    abort.abort()
    const error = await t.throwsAsync(transaction, { instanceOf: CanceledError, code: 'canceled' })
    t.is(error.mayHaveBeenApplied, !confirm)
    t.true(server.methods.includes('cancel'))
  })
}

test('a transaction that was faster than its cancellation has its own outcome', async (t) => {
  const { session, reached } = await setUp(t, {
    monitor_cond_since: () => [false, t1, initial],
    transact: () => [{ count: 1 }],
    echo: () => [],
    cancel: () => undefined,
  })
  await reached('connected')
  const abort = new AbortController()
  const transaction = session.transact((tx) => tx.delete('T', a), { signal: abort.signal })
  abort.abort()
  t.is(await transaction, 1)
  t.is(session.state.status, 'connected')
})

test('the wait between attempts doubles up to its maximum and begins anew after a connection', async (t) => {
  let refuse = true
  const { server, session, clock, reached } = await setUp(
    t,
    {
      monitor_cond_since: () => {
        if (refuse) throw new RefusedRequest('not now')
        return [false, t1, initial]
      },
    },
    { backoff: { minMs: 100, maxMs: 500 } },
  )
  const waits = []
  for (let attempt = 0; attempt < 4; attempt++) {
    const state = await reached('disconnected')
    waits.push(state.status === 'disconnected' && state.retryInMs)
    if (attempt === 3) refuse = false
    const next = firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connecting')))
    clock.advance(500)
    await next
  }
  t.deepEqual(waits, [100, 200, 400, 500])
  await reached('connected')
  server.connections.at(-1)?.hangUp()
  const state = await reached('disconnected')
  t.is(state.status === 'disconnected' && state.retryInMs, 100)
})

test('a database that lacks a column is told, and tried again', async (t) => {
  const { session, reached } = await setUp(t, {
    get_schema: () => ({ ...schema, tables: { T: { columns: {} } } }),
  })
  await reached('disconnected')
  const { state } = session
  t.true(state.status === 'disconnected' && state.reason instanceof SchemaError && state.retryInMs === 250)
})

const moments: Record<string, (options: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>> = {
  'while it dials': async () => {},
  'while it waits for a reply': async ({ server }) => {
    while (!server.methods.includes('monitor_cond_since')) await new Promise(setImmediate)
  },
  'while it is connected': async ({ server, reached }) => {
    server.handlers.monitor_cond_since = () => [false, t1, initial]
    await reached('connected')
  },
  'while it waits to try again': async ({ server, reached }) => {
    delete server.handlers.get_schema
    await reached('disconnected')
  },
}
for (const [moment, reach] of Object.entries(moments)) {
  test(`a session can be closed ${moment}`, async (t) => {
    const options = await setUp(t, { monitor_cond_since: () => undefined })
    const { session, clock } = options
    await reach(options)
    const states = lastValueFrom(session.states)
    const changes = lastValueFrom(session.changes, { defaultValue: [] })
    await session.close()
    const last = await states
    t.true(last.status === 'disconnected' && last.retryInMs === undefined)
    t.is(session.state, last)
    await changes
    t.deepEqual(clock.delays, [])
    await t.throwsAsync(
      session.transact(() => {}),
      { instanceOf: ConnectionError },
    )
  })
}
