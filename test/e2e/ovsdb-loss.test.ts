import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import { ConnectionError, openSession } from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { losses, Relay } from '../ovsdb/support/relay.js'
import { tables } from '../ovsdb/support/tables.js'

const variants = [
  ['monitor_cond', 'standalone'],
  ['monitor_cond_since', 'standalone'],
  ['monitor_cond_since', 'clustered'],
] as const

/** A session over a relay that wants the queue 1 of the queues 1 and 2; `seen` has every change of queues. */
async function setUp(t: ExecutionContext, [method, kind]: (typeof variants)[number]) {
  const server = await (kind === 'clustered' ? OvsdbServer.startCluster() : OvsdbServer.start())
  t.teardown(() => server.stop())
  const alter = (text: string) =>
    method === 'monitor_cond' ? text.replace('"monitor_cond_since"', '"monitor_absent"') : text
  const relay = await Relay.start(join(server.directory, 'relay'), join(server.directory, 'sock'), alter)
  t.teardown(() => relay.stop())
  const options = { database: 'Open_vSwitch', tables, backoff: { minMs: 1, maxMs: 5 } }
  const direct = openSession({ ...options, endpoint: server.endpoint })
  t.teardown(() => direct.close())
  const session = openSession({
    ...options,
    endpoint: `unix:${relay.path}`,
    conditions: { Queue: [['dscp', '==', 1]] },
  })
  t.teardown(() => session.close())
  const reached = (status: 'connected' | 'disconnected', of = session) =>
    firstValueFrom(of.states.pipe(filter((state) => state.status === status)))
  await reached('connected', direct)
  await direct.transact((tx) => [1, 2].map((dscp) => tx.insert('Queue', { dscp })))
  await reached('connected')
  const seen: string[] = []
  session.changes.subscribe((changes) => {
    const queues = changes.filter((change) => change.table === 'Queue')
    seen.push(...queues.map((change) => `${change.old?.dscp ?? ''}>${change.new?.dscp ?? ''}`).sort())
  })
  const held = () => Array.from(session.replica.table('Queue').rows(), ({ dscp = 0 }) => dscp).sort()
  const stored = async () => {
    const rows = await direct.transact((tx) => tx.select('Queue', []))
    return rows.map(({ dscp = 0 }) => dscp).sort()
  }
  return { relay, session, reached, seen, held, stored }
}

for (const variant of variants) {
  for (const loss of losses) {
    test(`${variant.join(', ')}: the connection ends with a change of conditions in flight, at its ${loss}`, async (t) => {
      const { relay, session, reached, seen, held } = await setUp(t, variant)
      t.deepEqual(held(), [1])
      relay.lose('monitor_cond_change', loss)
      const lost = reached('disconnected')
      const error = await t.throwsAsync(session.changeConditions({ Queue: [['dscp', '==', 2]] }), {
        instanceOf: ConnectionError,
      })
      t.true(error.mayHaveBeenApplied)
      await lost
      // The rows of the new conditions come ahead of the reply.
      t.deepEqual(held(), loss === 'reply' ? [2] : [1])
      t.is(relay.asked.includes('"monitor_cond_change"'), loss !== 'request')
      relay.asked = ''

      await reached('connected')
      t.deepEqual(held(), [1])
      t.deepEqual(seen, loss === 'reply' ? ['1>', '>2', '2>', '>1'] : [])
      // What the replica held may have been between the two conditions, so nothing may be built on it.
      if (variant[0] === 'monitor_cond_since') {
        t.regex(relay.asked, /"Open_vSwitch","Open_vSwitch",\{.*\},"00000000-0000-0000-0000-000000000000"\]/)
      }

      await session.changeConditions({ Queue: [['dscp', '==', 2]] })
      t.deepEqual(held(), [2])
    })
  }
}

for (const loss of losses) {
  test(`the connection ends with a transaction in flight, at its ${loss}: nobody can say whether it was applied`, async (t) => {
    const { relay, session, reached, held, stored } = await setUp(t, ['monitor_cond_since', 'standalone'])
    relay.lose('transact', loss)
    const lost = reached('disconnected')
    const error = await t.throwsAsync(
      session.transact((tx) => {
        tx.delete('Queue', [['dscp', '==', 1]])
      }),
      { instanceOf: ConnectionError },
    )
    t.true(error.mayHaveBeenApplied)
    await lost
    const unsent = await t.throwsAsync(
      session.transact((tx) => tx.delete('Queue', [])),
      {
        instanceOf: ConnectionError,
      },
    )
    t.false(unsent.mayHaveBeenApplied)
    await reached('connected')
    t.deepEqual(await stored(), loss === 'request' ? [1, 2] : [2])
    t.deepEqual(held(), loss === 'request' ? [1] : [])
  })
}
