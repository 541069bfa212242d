import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import { OperationError, openSession, type SessionLock, ValueError } from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { tables } from '../ovsdb/support/tables.js'

async function setUp(t: ExecutionContext) {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const open = () => {
    const session = openSession({
      endpoint: server.endpoint,
      database: 'Open_vSwitch',
      tables,
      backoff: { minMs: 10, maxMs: 50 },
    })
    t.teardown(() => session.close())
    return session
  }
  return { server, open }
}

function turned(lock: SessionLock, held: boolean) {
  return firstValueFrom(lock.states.pipe(filter((state) => state === held)))
}

test('a lock of a session is held by one, handed on, stolen, and comes back', async (t) => {
  const { open } = await setUp(t)
  const [one, two] = [open(), open()]
  const first = one.lock('master')
  t.false(first.held)
  await turned(first, true)
  await one.transact((tx) => tx.assert('master'))
  const second = two.lock('master')
  await firstValueFrom(two.states.pipe(filter(({ status }) => status === 'connected')))
  const refused = await t.throwsAsync(
    two.transact((tx) => tx.assert('master')),
    { instanceOf: OperationError },
  )
  t.is(refused.error, 'not owner')
  t.false(second.held)

  await first.unlock()
  t.false(first.held)
  await turned(second, true)
  await two.transact((tx) => tx.assert('master'))

  const thief = one.lock('master', { steal: true })
  await turned(thief, true)
  await turned(second, false)
  await t.throwsAsync(
    two.transact((tx) => tx.assert('master')),
    { instanceOf: OperationError },
  )
  await thief.unlock()
  await turned(second, true)
})

test('a lock is asked for again after a reconnection', async (t) => {
  const { server, open } = await setUp(t)
  const session = open()
  const lock = session.lock('master', { steal: true })
  const seen: boolean[] = []
  lock.states.subscribe((held) => seen.push(held))
  await turned(lock, true)
  await server.kill()
  await turned(lock, false)
  await server.restart()
  await turned(lock, true)
  await session.transact((tx) => tx.assert('master'))
  await session.close()
  t.deepEqual(seen, [false, true, false, true, false])
})

test('a lock needs a name that is an id, and is asked for once', async (t) => {
  const { open } = await setUp(t)
  const session = open()
  t.throws(() => session.lock('two words'), { instanceOf: ValueError })
  const lock = session.lock('l')
  t.throws(() => session.lock('l'), { instanceOf: ValueError, message: /already/ })
  await turned(lock, true)
  await lock.unlock()
  await turned(session.lock('l'), true)
})
