import test from 'ava'
import { filter, firstValueFrom, take, toArray } from 'rxjs'
import { CommitError, OperationError, openSession, uuid } from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { tables } from '../ovsdb/support/tables.js'

const database = 'Open_vSwitch'

async function setUp(t: { teardown(fn: () => Promise<void>): void }) {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const session = openSession({
    endpoint: server.endpoint,
    database,
    tables,
    backoff: { minMs: 10, maxMs: 50 },
  })
  t.teardown(() => session.close())
  await firstValueFrom(session.states.pipe(filter((state) => state.status === 'connected')))
  return { server, session }
}

test('a bridge with a port is inserted, read, changed and deleted', async (t) => {
  const { session } = await setUp(t)
  const changes = firstValueFrom(session.changes.pipe(take(1), toArray()))
  const made = await session.transact((tx) => {
    const iface = tx.insert('Interface', {
      name: 'p0',
      type: 'internal',
      statistics: { rx_bytes: 9007199254740993n },
    })
    const port = tx.insert('Port', { name: 'p0', interfaces: [iface], tag: 7 })
    const bridge = tx.insert('Bridge', {
      name: 'br0',
      ports: [port],
      fail_mode: 'secure',
      other_config: { a: '1' },
    })
    const root = tx.insert('Open_vSwitch', { bridges: [bridge] })
    return { iface, port, bridge, root }
  })
  const bridge = session.replica.table('Bridge').get(made.bridge)
  t.deepEqual(bridge, {
    _uuid: made.bridge,
    name: 'br0',
    ports: new Set([made.port]),
    fail_mode: 'secure',
    datapath_type: '',
    flood_vlans: new Set<number>(),
    stp_enable: false,
    other_config: new Map([['a', '1']]),
  })
  t.is(session.replica.table('Interface').get(made.iface)?.statistics.get('rx_bytes'), 9007199254740993n)
  t.deepEqual((await changes)[0]?.map((change) => change.table).sort(), [
    'Bridge',
    'Interface',
    'Open_vSwitch',
    'Port',
  ])

  const [count, rows] = await session.transact(
    (tx) =>
      [
        tx.mutate('Bridge', made.bridge, [
          ['other_config', 'delete', 'a'],
          ['other_config', 'insert', { b: '2', c: '3' }],
          ['flood_vlans', 'insert', [4, 5]],
        ]),
        tx.select('Bridge', [['name', '==', 'br0']]),
      ] as const,
  )
  t.is(count, 1)
  t.deepEqual(rows, [...session.replica.table('Bridge').rows()])
  t.deepEqual(
    rows[0]?.other_config,
    new Map([
      ['b', '2'],
      ['c', '3'],
    ]),
  )

  await session.transact((tx) => tx.update('Bridge', made.bridge, { fail_mode: undefined, ports: [] }))
  t.is(session.replica.table('Bridge').get(made.bridge)?.fail_mode, undefined)
  t.is(session.replica.table('Port').size, 0)
  t.is(session.replica.table('Interface').size, 0)
})

test('an operation that fails names itself, and nothing is applied', async (t) => {
  const { session } = await setUp(t)
  const error = await t.throwsAsync(
    session.transact((tx) => {
      tx.insert('Open_vSwitch', { next_cfg: 1 })
      tx.mutate('Open_vSwitch', [], [['next_cfg', '/=', 0]])
      tx.insert('Open_vSwitch', { next_cfg: 3 })
    }),
    { instanceOf: OperationError },
  )
  t.is(error.index, 1)
  t.is(error.op, 'mutate')
  t.is(error.error, 'domain error')
  t.is(session.replica.table('Open_vSwitch').size, 0)
})

test('a failure at commit is an error of the commit, and nothing is applied', async (t) => {
  const { session } = await setUp(t)
  const missing = '00000000-0000-4000-8000-000000000001'
  const error = await t.throwsAsync(
    session.transact((tx) => tx.insert('Open_vSwitch', { bridges: [uuid(missing)] })),
    { instanceOf: CommitError },
  )
  t.is(error.error, 'referential integrity violation')
  t.is(session.replica.table('Open_vSwitch').size, 0)
})
