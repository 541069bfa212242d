import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { filter, firstValueFrom } from 'rxjs'
import {
  type Conditions,
  type OvsdbSession,
  openSession,
  type Row,
  type Uuid,
} from '../../src/ovsdb/index.js'
import { canonical } from '../ovsdb/support/canonical.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { clear, perform, step } from '../ovsdb/support/random-transactions.js'
import { Relay } from '../ovsdb/support/relay.js'
import { tables } from '../ovsdb/support/tables.js'

const names = ['Open_vSwitch', 'Bridge', 'Port', 'Interface', 'QoS', 'Queue'] as const
const steps = fc.array(step, { minLength: 40, maxLength: 80 })

type Session = OvsdbSession<typeof tables>

async function open(t: ExecutionContext, endpoint: string, conditions: Conditions<typeof tables> = {}) {
  const session = openSession({
    endpoint,
    database: 'Open_vSwitch',
    tables,
    conditions,
    backoff: { minMs: 10, maxMs: 50 },
  })
  t.teardown(() => session.close())
  await connected(session)
  return session
}

function disconnected(session: Session) {
  return firstValueFrom(session.states.pipe(filter(({ status }) => status === 'disconnected')))
}

function connected(session: Session) {
  return firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connected')))
}

/** The reply to a select comes after every update of what it shows. */
async function equalsSelect(t: ExecutionContext, session: Session) {
  const selected = await session.transact((tx) => names.map((name) => tx.select(name, [])))
  for (const [index, name] of names.entries()) {
    t.deepEqual(canonical(session.replica.table(name).rows()), canonical(selected[index] ?? []), name)
  }
}

/** Follows the changes alone; must come to the same rows as the replica. */
function follow(session: Session) {
  const rows = new Map<string, Row>()
  for (const name of names) for (const row of session.replica.table(name).rows()) rows.set(row._uuid, row)
  session.changes.subscribe((changes) => {
    for (const change of changes) {
      if (rows.get(change.uuid) !== change.old) throw new Error(`${change.uuid} was not as the change says`)
      if (change.new) rows.set(change.uuid, change.new)
      else rows.delete(change.uuid)
    }
  })
  return rows
}

async function walk(t: ExecutionContext, a: Session, b: Session) {
  let applied = 0
  const followed = follow(b)
  await fc.assert(
    fc.asyncProperty(steps, async (todo) => {
      await clear(a)
      await equalsSelect(t, b)
      for (const item of todo) {
        const [actor, watcher] = item.who ? [a, b] : [b, a]
        if (await perform(actor, item)) applied++
        await equalsSelect(t, actor)
        await equalsSelect(t, watcher)
      }
    }),
    { numRuns: 4, seed: 7047, endOnFailure: true },
  )
  t.true(applied > 100, `${applied} transactions were applied`)
  t.deepEqual(
    canonical(followed.values()),
    canonical(names.flatMap((name) => [...b.replica.table(name).rows()])),
  )
}

test('the replica equals select after every transaction of two clients', async (t) => {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  await walk(t, await open(t, server.endpoint), await open(t, server.endpoint))
})

test('so it does on a server that knows only monitor', async (t) => {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  await server.control('ovsdb-server/disable-monitor-cond')
  await walk(t, await open(t, server.endpoint), await open(t, server.endpoint))
})

test('so it does on a server that knows monitor_cond but not monitor_cond_since', async (t) => {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const relay = await relayTo(t, server, (text) => text.replace('"monitor_cond_since"', '"monitor_absent"'))
  await walk(t, await open(t, `unix:${relay.path}`), await open(t, server.endpoint))
  const asked = ['"monitor_cond_since"', '"monitor_cond"']
  t.deepEqual(relay.asked.match(/"monitor\w*"/g), [...asked, ...asked])
  t.regex(relay.answered, /"update2"/)
})

test('nothing changes when the server is killed and started again', async (t) => {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const session = await open(t, server.endpoint)
  await addBridges(session)
  const changed = recordUuids(session)
  await server.kill()
  await disconnected(session)
  await server.restart()
  await connected(session)
  await equalsSelect(t, session)
  t.is(session.replica.table('Bridge').size, 2)
  t.deepEqual(changed, [])
})

for (const [kind, found] of [
  ['standalone', 'false'],
  ['clustered', 'true'],
] as const) {
  test(`what changed while the connection was down is the change, with a ${kind} database`, async (t) => {
    const server = await (kind === 'clustered' ? OvsdbServer.startCluster() : OvsdbServer.start())
    t.teardown(() => server.stop())
    const relay = await relayTo(t, server)
    const session = await open(t, `unix:${relay.path}`)
    const other = await open(t, server.endpoint)
    const { kept, gone } = await addBridges(session)
    await fillHistory(session)
    const changed = recordUuids(session)
    const followed = follow(session)
    relay.cut = true
    relay.hangUp()
    await disconnected(session)
    await other.transact((tx) => tx.mutate('Open_vSwitch', [], [['bridges', 'delete', gone]]))
    relay.answered = ''
    relay.cut = false
    await connected(session)
    await equalsSelect(t, session)
    t.true(changed.includes(gone))
    t.false(changed.includes(kept))
    t.deepEqual(
      canonical(followed.values()),
      canonical(names.flatMap((name) => [...session.replica.table(name).rows()])),
    )
    const [, answer] = [...relay.answered.matchAll(/"result":\[(true|false),/g)]
    t.is(answer?.[1], found)
  })
}

test('conditions choose the rows, and can be changed', async (t) => {
  const server = await OvsdbServer.start()
  t.teardown(() => server.stop())
  const relay = await relayTo(t, server)
  const other = await open(t, server.endpoint)
  await addBridges(other)
  const conditions = { Bridge: [['name', '==', 'kept']] } as const
  const session = await open(t, `unix:${relay.path}`, conditions)
  const shown = () => Array.from(session.replica.table('Bridge').rows(), ({ name }) => name)
  t.deepEqual(shown(), ['kept'])
  t.is(session.replica.table('Port').size, 2)
  await session.changeConditions({ Bridge: [['name', '==', 'gone']] })
  t.deepEqual(shown(), ['gone'])
  relay.hangUp()
  await disconnected(session)
  await connected(session)
  t.deepEqual(shown(), ['gone'])
})

async function addBridges(session: Session) {
  return session.transact((tx) => {
    const add = (name: string) => {
      const iface = tx.insert('Interface', { name })
      return tx.insert('Bridge', { name, ports: [tx.insert('Port', { name, interfaces: [iface] })] })
    }
    const bridges = { kept: add('kept'), gone: add('gone') }
    tx.insert('Open_vSwitch', { bridges: Object.values(bridges) })
    return bridges
  })
}

/** The server remembers no more of the past than it has of the present: the last transactions must be small. */
async function fillHistory(session: Session) {
  await session.transact((tx) => {
    for (let dscp = 0; dscp < 60; dscp++) tx.insert('Queue', { dscp })
  })
  await session.transact((tx) => tx.update('Open_vSwitch', [], { next_cfg: 1 }))
}

function recordUuids(session: Session): Uuid[] {
  const uuids: Uuid[] = []
  session.changes.subscribe((changes) => uuids.push(...changes.map(({ uuid }) => uuid)))
  return uuids
}

async function relayTo(t: ExecutionContext, server: OvsdbServer, alter?: (text: string) => string) {
  const relay = await Relay.start(join(server.directory, 'relay'), join(server.directory, 'sock'), alter)
  t.teardown(() => relay.stop())
  return relay
}
