import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom, map } from 'rxjs'
import {
  ClusterError,
  ConnectionError,
  formatEndpoint,
  type OvsdbSession,
  openSession,
  type SessionOptions,
} from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { tables } from '../ovsdb/support/tables.js'
import { until } from './support/open-vswitch.js'

type Session = OvsdbSession<typeof tables>

async function startCluster(t: ExecutionContext, members: number): Promise<OvsdbServer[]> {
  const first = await OvsdbServer.startCluster()
  t.teardown(() => first.stop())
  const servers = [first]
  while (servers.length < members) {
    const server = await OvsdbServer.join(first)
    t.teardown(() => server.stop())
    servers.push(server)
  }
  return servers
}

function open(
  t: ExecutionContext,
  servers: readonly OvsdbServer[],
  options: Partial<SessionOptions<typeof tables>> = {},
): Session {
  const session = openSession({
    endpoint: servers.map(({ endpoint }) => endpoint),
    database: 'Open_vSwitch',
    tables,
    backoff: { minMs: 50, maxMs: 200 },
    ...options,
  })
  t.teardown(() => session.close())
  return session
}

/** The endpoint of the present connection, or of the next one. */
async function place(session: Session, except = ''): Promise<string> {
  const endpoints = session.states.pipe(
    map((state) => (state.status === 'connected' ? formatEndpoint(state.endpoint) : '')),
    filter((endpoint) => endpoint !== '' && endpoint !== except),
  )
  return firstValueFrom(endpoints)
}

function serverAt(servers: readonly OvsdbServer[], endpoint: string): OvsdbServer {
  const server = servers.find((candidate) => candidate.endpoint === endpoint)
  if (!server) throw new Error(`no server at ${endpoint}`)
  return server
}

/** Whether a server says of itself that it leads. */
async function leads(server: OvsdbServer): Promise<boolean> {
  return /^Role: leader$/m.test(await server.control('cluster/status', 'Open_vSwitch'))
}

/** Waits until a session is where the leader is: elections take as many turns as a busy machine makes them take. */
async function atLeader(session: Session, servers: readonly OvsdbServer[]): Promise<void> {
  await until('the session to be at the leader', async () => {
    const { state } = session
    return state.status === 'connected' && leads(serverAt(servers, formatEndpoint(state.endpoint)))
  })
}

async function numbers(session: Session): Promise<number[]> {
  const rows = await session.transact((tx) => tx.select('Queue', []))
  return rows.map(({ dscp = -1 }) => dscp).sort((a, b) => a - b)
}

function copied(session: Session): number[] {
  return Array.from(session.replica.table('Queue').rows(), ({ dscp = -1 }) => dscp).sort((a, b) => a - b)
}

test('a session follows the leader of three servers; what was confirmed survives its death', async (t) => {
  const servers = await startCluster(t, 3)
  const session = open(t, [...servers].reverse(), { leaderOnly: true })
  const watcher = open(t, servers)
  await place(watcher)
  await atLeader(session, servers)
  const first = await place(session)

  const confirmed: number[] = []
  const uncertain: number[] = []
  const lost: string[] = []
  session.states.subscribe((state) => {
    if (state.status === 'disconnected') lost.push(state.reason.message)
  })
  let killed: Promise<void> | undefined
  for (let dscp = 0; dscp < 60; dscp++) {
    if (dscp === 20) killed = serverAt(servers, first).kill()
    try {
      await session.transact((tx) => tx.insert('Queue', { dscp }))
      confirmed.push(dscp)
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      if (error.mayHaveBeenApplied) uncertain.push(dscp)
      else await place(session)
    }
  }
  await killed

  const second = await place(session)
  t.not(second, first)
  await atLeader(session, servers)
  t.true(lost.length > 0)
  t.true(confirmed.length > 40)
  const present = await numbers(session)
  t.deepEqual(copied(session), present)
  t.deepEqual(
    confirmed.filter((dscp) => !present.includes(dscp)),
    [],
  )
  t.deepEqual(
    present.filter((dscp) => !confirmed.includes(dscp) && !uncertain.includes(dscp)),
    [],
  )

  await place(watcher)
  t.deepEqual(await numbers(watcher), present)
  t.deepEqual(copied(watcher), present)
})

test('a session leaves a leader that steps down', async (t) => {
  const servers = await startCluster(t, 3)
  const session = open(t, servers, { leaderOnly: true })
  const first = await place(session)
  const next = place(session, first)
  const reason = firstValueFrom(session.states.pipe(filter((state) => state.status === 'disconnected')))
  await serverAt(servers, first).control('cluster/leave', 'Open_vSwitch')
  t.not(await next, first)
  const state = await reason
  t.true(
    state.status === 'disconnected' && state.reason instanceof ClusterError,
    String('reason' in state && state.reason),
  )
  await atLeader(session, servers)
})

test('a server cut off from the majority, or of another cluster, will not do', async (t) => {
  const servers = await startCluster(t, 2)
  const [strangers] = await startCluster(t, 1)
  if (!strangers) throw new Error('no server')
  const session = open(t, servers)
  const first = await place(session)
  const clusterId = session.clusterId
  t.regex(String(clusterId), /^[\da-f-]{36}$/)
  const [other] = servers.filter(({ endpoint }) => endpoint !== first)
  const problems: string[] = []
  session.states.subscribe((state) => {
    if (state.status === 'disconnected' && state.reason instanceof ClusterError) {
      problems.push(state.reason.problem)
    }
  })
  const cutOff = firstValueFrom(session.states.pipe(filter((state) => state.status === 'disconnected')))
  await other?.kill()
  const state = await cutOff
  t.true(state.status === 'disconnected' && state.reason instanceof ClusterError)
  t.is(problems[0], 'not connected')
  await other?.restart()
  await place(session)

  const astray = open(t, [strangers], clusterId === undefined ? {} : { clusterId })
  const refused = await firstValueFrom(astray.states.pipe(filter((state) => state.status === 'disconnected')))
  t.true(
    refused.status === 'disconnected' &&
      refused.reason instanceof ClusterError &&
      refused.reason.problem === 'other cluster',
  )
})

test('a session never goes back to a member that was away and knows less', async (t) => {
  const servers = await startCluster(t, 3)
  const [first, second, away] = servers
  if (!first || !second || !away) throw new Error('a server is missing')
  const session = open(t, [first, away])
  t.is(await place(session), first.endpoint)
  await session.transact((tx) => tx.insert('Queue', { dscp: 0 }))
  const newcomer = open(t, [away])
  await place(newcomer)
  await newcomer.close()

  await away.pause()
  // More than a socket takes, so that the member learns nothing of this later, nor of what follows.
  const long = { text: 'x'.repeat(2 ** 21) }
  await session.transact((tx) => tx.insert('Open_vSwitch', { external_ids: long }))
  for (let dscp = 1; dscp <= 5; dscp++) await session.transact((tx) => tx.insert('Queue', { dscp }))
  const gone: unknown[] = []
  session.changes.subscribe((changes) => gone.push(...changes.filter((change) => !change.new)))
  // It stands in for any program that starts now, and shows that the member would serve what it has.
  const stranger = open(t, [away])
  const dialled = firstValueFrom(
    session.states.pipe(
      filter((state) => state.status === 'connecting' && formatEndpoint(state.endpoint) === away.endpoint),
    ),
  )
  await Promise.all([first.kill(), second.kill()])
  await dialled
  const refusals = firstValueFrom(
    session.states.pipe(
      map((state) =>
        state.status === 'disconnected' && state.reason instanceof ClusterError ? state.reason.problem : '',
      ),
      filter((problem) => problem !== ''),
    ),
  )
  const served = place(stranger).then(() => copied(stranger))
  await away.resume()
  t.deepEqual(await Promise.all([served, refusals]), [[0], 'outdated'])
  t.deepEqual(copied(session), [0, 1, 2, 3, 4, 5])

  const back = session.states.pipe(filter(({ status }) => status === 'connected'))
  await Promise.all([first.restart(), second.restart()])
  await firstValueFrom(back)
  t.deepEqual(await numbers(session), [0, 1, 2, 3, 4, 5])
  t.deepEqual(copied(session), [0, 1, 2, 3, 4, 5])
  t.deepEqual(gone, [])
})
