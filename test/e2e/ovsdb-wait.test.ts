import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import {
  CanceledError,
  ConnectionError,
  type OvsdbSession,
  openSession,
  TimeoutError,
} from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { tables } from '../ovsdb/support/tables.js'

async function setUp(t: ExecutionContext, kind: 'start' | 'startCluster' = 'start') {
  const server = await OvsdbServer[kind]()
  t.teardown(() => server.stop())
  const session = openSession({
    endpoint: server.endpoint,
    database: 'Open_vSwitch',
    tables,
    backoff: { minMs: 10, maxMs: 50 },
  })
  t.teardown(() => session.close())
  await connected(session)
  return { server, session }
}

function connected(session: OvsdbSession<typeof tables>) {
  return firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connected')))
}

/** A transaction that waits for the sum of all to be `next_cfg`, and then leaves a mark. */
function waitFor(
  session: OvsdbSession<typeof tables>,
  next_cfg: number,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
) {
  return session.transact((tx) => {
    tx.wait('Open_vSwitch', { where: [], columns: ['next_cfg'], until: '==', rows: [{ next_cfg }] })
    tx.insert('Queue', { dscp: next_cfg })
  }, options)
}

function marks(session: OvsdbSession<typeof tables>) {
  return Array.from(session.replica.table('Queue').rows(), ({ dscp }) => dscp).sort()
}

for (const kind of ['start', 'startCluster'] as const) {
  test(`waits hold up nobody, not even on their own connection (${kind})`, async (t) => {
    const { session } = await setUp(t, kind)
    const root = await session.transact((tx) => tx.insert('Open_vSwitch', { next_cfg: 0 }))
    const fulfilled: number[] = []
    const waits = [3, 1, 2].map((next_cfg) =>
      waitFor(session, next_cfg).then(() => {
        fulfilled.push(next_cfg)
      }),
    )
    for (const next_cfg of [1, 2, 3]) {
      const count = await session.transact((tx) => tx.update('Open_vSwitch', root, { next_cfg }))
      t.is(count, 1)
      await waits[[3, 1, 2].indexOf(next_cfg)]
    }
    t.deepEqual(fulfilled, [1, 2, 3])
    t.deepEqual(marks(session), [1, 2, 3])
  })

  test(`of many waits, the cancelled, the late and the lost settle, each in its way (${kind})`, async (t) => {
    const { server, session } = await setUp(t, kind)
    await session.transact((tx) => tx.insert('Open_vSwitch', { next_cfg: 0 }))
    const abort = new AbortController()
    const cancelled = waitFor(session, 1, { signal: abort.signal })
    const late = waitFor(session, 2, { timeoutMs: 20 })
    const lost = waitFor(session, 3)
    abort.abort()
    await t.throwsAsync(cancelled, { instanceOf: CanceledError })
    await t.throwsAsync(late, { instanceOf: TimeoutError })
    await t.throwsAsync(waitFor(session, 4, { signal: abort.signal }), {
      instanceOf: CanceledError,
      message: /before it was sent/,
    })
    await session.transact((tx) => tx.update('Open_vSwitch', [], { next_cfg: 2 }))
    t.deepEqual(marks(session), [])
    const [error] = await Promise.all([t.throwsAsync(lost, { instanceOf: ConnectionError }), server.kill()])
    t.true(error.mayHaveBeenApplied)
    await server.restart()
    await connected(session)
    t.deepEqual(marks(session), [])
  })
}
