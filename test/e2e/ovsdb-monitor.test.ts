import test from 'ava'
import { connect, type MonitorSink, startMonitor, Transaction, uuid } from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { tables } from '../ovsdb/support/tables.js'

const database = 'Open_vSwitch'
const id = uuid('550e8400-e29b-41d4-a716-446655440000')

test('a monitor tells the events that were asked for, until it is cancelled', async (t) => {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const client = await connect(server.endpoint)
  t.teardown(() => client.close())
  const run = (build: (tx: Transaction<typeof tables>) => void) => {
    const tx = new Transaction(tables)
    build(tx)
    return client.transact(database, tx.operations)
  }
  await run((tx) => tx.insert('Queue', { dscp: 1 }))
  const seen: unknown[] = []
  const sink: MonitorSink = {
    replace: (updates) => void seen.push(updates),
    apply: (updates) => void seen.push(updates),
  }
  const select = { initial: false, modify: false }
  const monitor = await startMonitor(
    client,
    { database, id: 'm', tables: { Queue: { columns: ['dscp'], select } } },
    sink,
  )
  await run((tx) => tx.insert('Queue', { dscp: 2 }, { uuid: id }))
  await run((tx) => tx.update('Queue', id, { dscp: 3 }))
  await run((tx) => tx.delete('Queue', id))
  const told = [{}, { Queue: { [id]: { insert: { dscp: 2 } } } }, { Queue: { [id]: { delete: null } } }]
  t.deepEqual(seen, told)
  await monitor.cancel()
  await run((tx) => tx.insert('Queue', { dscp: 4 }))
  t.deepEqual(seen, told)
  await t.throwsAsync(monitor.cancel(), { code: 'request', message: /unknown monitor/ })
})
