import test from 'ava'
import { BridgeSync, type Drift } from '../../src/datapath/bridge-sync.js'
import { DesiredFlows } from '../../src/pipeline/desired-flows.js'
import { type Flow, flowKey } from '../../src/pipeline/flow.js'
import type { Table } from '../../src/pipeline/table.js'
import { rule } from '../../src/pipeline/table.js'
import { Unit } from '../../src/pipeline/unit.js'
import { FakeSwitch } from '../support/fake-switch.js'

const table: Table = { number: 7, name: 'seven', rules: [], matches: [] }
const nothing = rule(
  'nothing',
  'host',
  () => undefined,
  () => [],
)
const ours = String.fromCharCode(0x51, 7, 0, 0, 0, 0, 0, 1)
const foreign = '\0\0\0\0\0\0\0\x09'

function flow(name: string, actions: string, at = 7): Flow {
  return {
    key: flowKey(at, 100, Buffer.from(name)),
    content: ours + actions,
    unit: new Unit(table, nothing, name),
  }
}

function setUp(mayRemove = true) {
  const desired = new DesiredFlows()
  const device = new FakeSwitch()
  const sync = new BridgeSync(desired, new DesiredFlows(), device, {
    tables: new Set([7]),
    consistent: () => true,
    mayRemove: (cookie) => mayRemove || cookie === 9n,
  })
  const drifts: Drift[] = []
  sync.drifts.subscribe((drift) => drifts.push(drift))
  return { desired, device, sync, drifts }
}

test('at the start only the difference is sent, and tables that are not ours are left alone', async (t) => {
  const { desired, device, sync } = setUp()
  const [same, altered, missing, stale] = [
    flow('same', 'x'),
    flow('altered', 'y'),
    flow('missing', 'z'),
    flow('stale', 's'),
  ]
  const elsewhere = { ...flow('elsewhere', 'e', 200), content: `${foreign}e` }
  for (const each of [same, altered, missing]) desired.add(each)
  for (const { key, content } of [same, stale, elsewhere]) device.flows.set(key, content)
  device.flows.set(altered.key, `${ours}old`)
  await sync.start(3)
  t.deepEqual(
    device.bundles.map((mods) => mods.map(({ key }) => key).sort()),
    [[altered.key, missing.key, stale.key].sort()],
  )
  t.deepEqual(
    [...device.flows.keys()].sort(),
    [same, altered, missing, elsewhere].map(({ key }) => key).sort(),
  )
  t.is(sync.realised, 3)
  t.is(sync.size, 3)
})

test('a switch that is right gets nothing', async (t) => {
  const { desired, device, sync } = setUp()
  const only = flow('only', 'x')
  desired.add(only)
  device.flows.set(only.key, only.content)
  await sync.start(1)
  await sync.update(2)
  t.deepEqual(device.bundles, [])
  t.is(sync.realised, 2)
})

test('what others delete, alter or add is put right and reported', async (t) => {
  const { desired, device, sync, drifts } = setUp()
  const [a, b] = [flow('a', 'x'), flow('b', 'y')]
  desired.add(a)
  desired.add(b)
  await sync.start(1)
  const before = new Map(device.flows)
  device.meddle({ key: a.key })
  device.meddle({ key: b.key, content: `${ours}other` })
  const added = { key: flow('c', '').key, content: `${foreign}z` }
  device.meddle(added)
  device.meddle({ key: flow('d', '', 200).key, content: `${foreign}z` })
  await new Promise((resolve) => setImmediate(resolve))
  device.flows.delete(flow('d', '', 200).key)
  t.deepEqual([...device.flows].sort(), [...before].sort())
  t.deepEqual(
    drifts.sort((one, other) => (one.cause < other.cause ? -1 : 1)),
    [
      { cause: 'added', ...added },
      { cause: 'altered', key: b.key, content: b.content },
      { cause: 'deleted', key: a.key, content: a.content },
    ],
  )
})

test('a flow of an object that may only be unreadable stays; one that was never ours goes', async (t) => {
  const { device, sync } = setUp(false)
  const unknown = flow('unknown', 'x')
  device.flows.set(unknown.key, unknown.content)
  device.flows.set(flow('foreign', '').key, `${foreign}z`)
  await sync.start(1)
  t.deepEqual([...device.flows.keys()], [unknown.key])
})

test('what was spared goes once every file can be read; a flow of an object that was known goes at once', async (t) => {
  const desired = new DesiredFlows()
  const device = new FakeSwitch()
  let complete = false
  const sync = new BridgeSync(desired, new DesiredFlows(), device, {
    tables: new Set([7]),
    consistent: () => true,
    mayRemove: () => complete,
  })
  const [unknown, known] = [flow('unknown', 'x'), flow('known', 'y')]
  device.flows.set(unknown.key, unknown.content)
  desired.add(known)
  await sync.start(1)
  t.deepEqual([...device.flows.keys()].sort(), [known.key, unknown.key])
  desired.remove(known)
  await sync.update(2)
  t.deepEqual([...device.flows.keys()], [unknown.key])
  complete = true
  await sync.update(3)
  t.deepEqual([...device.flows.keys()], [])
})

test('what changes while a bundle is under way goes with the next one', async (t) => {
  const { desired, device, sync } = setUp()
  desired.add(flow('a', 'x'))
  const started = sync.start(1)
  desired.add(flow('b', 'y'))
  await Promise.all([started, sync.update(2)])
  t.is(sync.realised, 2)
  t.deepEqual(
    device.bundles.map((mods) => mods.length).reduce((sum, n) => sum + n),
    2,
  )
  t.is(device.flows.size, 2)
})

test('a bundle that fails is an error of the caller, and nothing is taken for installed', async (t) => {
  const { desired, device, sync } = setUp()
  await sync.start(1)
  desired.add(flow('a', 'x'))
  device.failure = new Error('refused')
  await t.throwsAsync(sync.update(2), { message: 'refused' })
  t.is(sync.realised, 1)
  t.is(sync.size, 0)
})

test('a flow that an earlier version has left in a table that is none any more goes', async (t) => {
  const { device, sync } = setUp()
  const { key, content } = flow('old', 'x', 201)
  device.flows.set(key, content)
  await sync.start(1)
  t.is(device.flows.size, 0)
})
