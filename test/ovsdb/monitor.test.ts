import test from 'ava'
import { firstValueFrom } from 'rxjs'
import { RequestError } from '../../src/ovsdb/index.js'
import { a, b, c, initial, setUp, t1, t2 } from './support/fake-session.js'

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
  t.deepEqual(server.methods, ['get_schema', 'get_schema', 'monitor_cond_since', 'monitor_cond'])
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
  t.deepEqual(server.methods, ['get_schema', 'get_schema', 'monitor_cond_since', 'monitor_cond', 'monitor'])
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
