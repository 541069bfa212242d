import test from 'ava'
import { filter, firstValueFrom, map, take, toArray } from 'rxjs'
import { ClusterError, formatEndpoint, type SessionState } from '../../src/ovsdb/index.js'
import { a, b, initial, setUp, startServer, t1 } from './support/fake-session.js'
import { statusRow, withServerDatabase } from './support/server-database.js'

const content = () => [false, t1, initial]

function problemOf(state: SessionState) {
  return state.status === 'disconnected' && state.reason instanceof ClusterError && state.reason.problem
}

test('a session that wants the leader goes from server to server until it has it', async (t) => {
  const follower = await startServer(
    t,
    withServerDatabase(() => statusRow({ leader: false }), content),
  )
  const leader = await startServer(
    t,
    withServerDatabase(() => statusRow(), content),
  )
  const { session, reached } = await setUp(
    t,
    {},
    { endpoint: [follower.endpoint, leader.endpoint], leaderOnly: true },
  )
  const seen = firstValueFrom(session.states.pipe(take(4), map(problemOf), toArray()))
  const state = await reached('connected')
  t.is(state.status === 'connected' && formatEndpoint(state.endpoint), leader.endpoint)
  t.deepEqual(await seen, [false, 'not leader', false, false])
  t.is(session.clusterId, a)
  t.false(follower.methods.includes('transact'))
})

test('it leaves a server that is the leader no more; a session that takes any server stays', async (t) => {
  for (const leaderOnly of [true, false]) {
    const { server, session, reached } = await setUp(
      t,
      withServerDatabase(() => statusRow(), content),
      { leaderOnly },
    )
    await reached('connected')
    const over = { Database: { [a]: { modify: { leader: false } } } }
    server.connections[0]?.notify('update3', ['status of db', t1, over])
    if (leaderOnly) t.is(problemOf(await reached('disconnected')), 'not leader')
    server.connections[0]?.notify('update3', ['db', t1, { T: { [b]: { delete: null } } }])
    if (!leaderOnly) t.is((await firstValueFrom(session.changes)).length, 1)
  }
})

for (const [problem, status] of [
  ['not connected', { connected: false }],
  ['other cluster', { cid: ['uuid', b] }],
  ['other cluster', { model: 'standalone', cid: ['set', []], index: ['set', []] }],
  ['outdated', { index: 9 }],
] as const) {
  test(`after a reconnection a server is refused that is ${problem}: ${JSON.stringify(status)}`, async (t) => {
    let present = statusRow()
    const { server, clock, reached, rows, session } = await setUp(
      t,
      withServerDatabase(() => present, content),
    )
    await reached('connected')
    present = statusRow(status)
    server.connections[0]?.hangUp()
    t.false(problemOf(await reached('disconnected')))
    const refusal = firstValueFrom(session.states.pipe(filter((state) => problemOf(state) !== false)))
    clock.advance(250)
    t.is(problemOf(await refusal), problem)
    t.deepEqual(rows(), [['a', 1], ['b']])
    present = statusRow({ index: 11 })
    clock.advance(500)
    await reached('connected')
  })
}

test('the cluster can be given, and the index is followed while connected', async (t) => {
  let present = statusRow({ cid: ['uuid', b] })
  const { server, clock, reached, session } = await setUp(
    t,
    withServerDatabase(() => present, content),
    { clusterId: a },
  )
  t.is(problemOf(await reached('disconnected')), 'other cluster')
  present = statusRow()
  clock.advance(250)
  await reached('connected')
  server.connections[1]?.notify('update3', [
    'status of db',
    t1,
    { Database: { [a]: { modify: { index: 20 } } } },
  ])
  server.connections[1]?.socket.end()
  await reached('disconnected')
  const refusal = firstValueFrom(session.states.pipe(filter((state) => problemOf(state) !== false)))
  clock.advance(500)
  t.is(problemOf(await refusal), 'outdated')
})

test('a database that is not clustered says nothing of a cluster', async (t) => {
  const none = ['set', []]
  const { session, reached } = await setUp(
    t,
    withServerDatabase(() => statusRow({ model: 'standalone', cid: none, index: none }), content),
    { leaderOnly: true },
  )
  await reached('connected')
  t.is(session.clusterId, undefined)
})
