import test from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import { type Uuid, uuid } from '../../src/ovsdb/index.js'
import type { Json } from '../../src/ovsdb/json.js'
import { a, setUp, startServer, t1, t2 } from './support/fake-session.js'
import { statusRow, withServerDatabase } from './support/server-database.js'

const count = 5000
const ids: readonly Uuid[] = Array.from({ length: count }, (_, index) =>
  uuid(`00000000-0000-4000-9000-${index.toString(16).padStart(12, '0')}`),
)

/** As many rows as take several turns of the event loop, all with this name. */
function rows(kind: 'initial' | 'insert' | 'modify', name: string): { readonly [id: string]: Json } {
  return Object.fromEntries(ids.map((id) => [id, { [kind]: { name } }]))
}

test('a large content appears at once, and what comes after it is applied after it', async (t) => {
  const sizes: number[] = []
  const { server, session, reached, changes } = await setUp(t, {
    monitor_cond_since: (_params, connection) => {
      setImmediate(() => connection.notify('update3', ['db', t2, { T: { [ids[0] ?? a]: { delete: null } } }]))
      return [false, t1, { T: rows('initial', 'x') }]
    },
  })
  session.changes.subscribe(() => sizes.push(session.replica.table('T').size))
  await reached('connected')
  if (changes.length < 2) await firstValueFrom(session.changes)
  t.deepEqual(sizes, [count, count - 1])
  t.deepEqual(
    changes.map((list) => list.length),
    [count, 1],
  )
  const large = firstValueFrom(session.changes)
  const { [ids[0] ?? a]: _gone, ...rest } = rows('modify', 'y')
  server.connections[0]?.notify('update3', ['db', t2, { T: rest }])
  server.connections[0]?.notify('update3', ['db', t1, { T: { [ids[1] ?? a]: { modify: { name: 'z' } } } }])
  t.is((await large).length, count - 1)
  t.is((await firstValueFrom(session.changes)).length, 1)
  t.is(session.replica.table('T').get(ids[1] ?? a)?.name, 'z')
  t.is(session.replica.table('T').get(ids[2] ?? a)?.name, 'y')
})

test('a large update that goes wrong at its end is not applied in part', async (t) => {
  const { server, session, reached, changes } = await setUp(t, {
    monitor_cond_since: () => [false, t1, { T: rows('initial', 'x') }],
  })
  await reached('connected')
  const broken = { ...rows('modify', 'y'), [a]: { modify: { name: 'unknown' } } }
  server.connections[0]?.notify('update3', ['db', t2, { T: broken }])
  const state = await reached('disconnected')
  t.true(state.status === 'disconnected' && 'code' in state.reason && state.reason.code === 'protocol')
  t.is(session.replica.table('T').get(ids[0] ?? a)?.name, 'x')
  t.is(changes.length, 1)
})

test('a connection that ends while its content is being applied does not mix with the next one', async (t) => {
  const status = () => statusRow({ model: 'standalone', cid: ['set', []], index: ['set', []] })
  const first = await startServer(
    t,
    withServerDatabase(status, () => [false, t1, { T: rows('initial', 'first') }]),
  )
  const second = await startServer(
    t,
    withServerDatabase(status, () => [false, t2, { T: { [a]: { initial: { name: 'second' } } } }]),
  )
  const reply = first.handlers.monitor_cond_since
  first.handlers.monitor_cond_since = (params, connection) => {
    if (params[0] === 'db') setImmediate(() => connection.socket.destroySoon())
    return reply?.(params, connection)
  }
  const { session } = await setUp(t, {}, { endpoint: [first.endpoint, second.endpoint] })
  await firstValueFrom(
    session.states.pipe(
      filter((state) => state.status === 'connected' && session.replica.table('T').get(a) !== undefined),
    ),
  )
  t.deepEqual(
    Array.from(session.replica.table('T').rows(), ({ name }) => name),
    ['second'],
  )
})

test('when a large select resolves, the replica is as the select found it', async (t) => {
  const all = ids.map((id) => ({ _uuid: ['uuid', id], name: 'x', tags: ['set', []] }))
  const { session, reached } = await setUp(t, {
    monitor_cond_since: () => [false, t1, { T: rows('initial', 'x') }],
    transact: (_params, connection) => {
      setImmediate(() => connection.notify('update3', ['db', t2, { T: { [ids[0] ?? a]: { delete: null } } }]))
      return [{ rows: all }]
    },
  })
  await reached('connected')
  const change = firstValueFrom(session.changes)
  const selected = session.transact((tx) => tx.select('T', []))
  t.is((await selected).length, count)
  t.is(session.replica.table('T').size, count)
  await change
  t.is(session.replica.table('T').size, count - 1)
})
