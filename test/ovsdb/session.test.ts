import test from 'ava'
import { filter, firstValueFrom, lastValueFrom } from 'rxjs'
import { CanceledError, ConnectionError, SchemaError } from '../../src/ovsdb/index.js'
import { RefusedRequest } from './support/fake-server.js'
import { a, initial, schema, setUp, t1 } from './support/fake-session.js'

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

test('the wait between attempts doubles up to its maximum and begins anew after a connection that lasted', async (t) => {
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
  clock.advance(500)
  server.connections.at(-1)?.hangUp()
  const state = await reached('disconnected')
  t.is(state.status === 'disconnected' && state.retryInMs, 100)
})

test('a server that hangs up right after each connection is left alone more and more', async (t) => {
  const { server, session, clock, reached } = await setUp(
    t,
    { monitor_cond_since: () => [false, t1, initial] },
    { backoff: { minMs: 100, maxMs: 500 } },
  )
  const waits = []
  for (let attempt = 0; attempt < 4; attempt++) {
    await reached('connected')
    server.connections.at(-1)?.hangUp()
    const state = await reached('disconnected')
    waits.push(state.status === 'disconnected' && state.retryInMs)
    const next = firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connecting')))
    clock.advance(500)
    await next
  }
  t.deepEqual(waits, [100, 200, 400, 500])
})

test('a database that lacks a column is told, and tried again', async (t) => {
  const { session, reached } = await setUp(t, {
    get_schema: ([database]) => {
      if (database === '_Server') throw new RefusedRequest('unknown database')
      return { ...schema, tables: { T: { columns: {} } } }
    },
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
