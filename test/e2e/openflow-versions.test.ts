/** Every version of OpenFlow that a switch may have: the same flows, the same way to find drift. */
import test, { type ExecutionContext } from 'ava'
import { pipeline } from '../../flows/pipeline.js'
import { BridgeSync, type Drift } from '../../src/datapath/bridge-sync.js'
import { OpenFlowSwitch } from '../../src/datapath/openflow-switch.js'
import { dialOpenFlow, type Version } from '../../src/openflow/index.js'
import type { DesiredFlows } from '../../src/pipeline/desired-flows.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { type DummySwitch, startDummySwitch } from '../support/dummy-switch.js'
import { put, workload } from '../support/rows.js'
import { until } from './support/open-vswitch.js'

const names: Readonly<Record<Version, string>> = { 4: 'OpenFlow13', 5: 'OpenFlow14', 6: 'OpenFlow15' }

interface Wanted {
  readonly desired: DesiredFlows
  readonly groupsAndMeters: DesiredFlows
}

/** What a host's bridge should have. */
function wantedOf(cluster: Cluster, host: string): Wanted {
  const desired = cluster.engine.desired(host)
  const groupsAndMeters = cluster.engine.groupsAndMeters(host)
  if (!desired || !groupsAndMeters) throw new Error('no such host')
  return { desired, groupsAndMeters }
}

/** A session with a switch that speaks one version only, and what keeps it right. */
async function session(t: ExecutionContext, ovs: DummySwitch, wanted: Wanted, version: Version) {
  const { desired, groupsAndMeters } = wanted
  const connection = await dialOpenFlow(ovs.bridge)
  t.is(connection.version, version)
  const device = new OpenFlowSwitch(connection)
  await device.prepare()
  const sync = new BridgeSync(desired, groupsAndMeters, device, {
    tables: new Set(pipeline.map(({ number }) => number)),
    consistent: () => true,
    mayRemove: () => true,
  })
  const drifts: Drift[] = []
  const failures: unknown[] = []
  sync.drifts.subscribe((drift) => drifts.push(drift))
  sync.failures.subscribe((failure) => failures.push(failure))
  await sync.start(1)
  t.is(sync.size, desired.size)
  const readBack = async () => {
    const flows = new Map<string, string>()
    await device.readFlows(({ key, content }) => flows.set(key, content))
    return flows
  }
  const end = async () => {
    sync.stop()
    await connection.close()
  }
  return { sync, drifts, failures, readBack, end }
}

function contents(desired: DesiredFlows): ReadonlyMap<string, string | undefined> {
  return new Map([...desired.keys()].map((key) => [key, desired.get(key)?.content]))
}

for (const version of [4, 5, 6] as const) {
  test.serial(`a switch that speaks ${names[version]} only gets the same flows`, async (t) => {
    const ovs = await startDummySwitch()
    t.teardown(() => ovs.stop())
    await ovs.tool('ovs-vsctl', `--db=${ovs.database}`, 'set', 'bridge', 'br0', `protocols=${names[version]}`)
    const ofctl = (...args: string[]) => ovs.tool('ovs-ofctl', '-O', names[version], ...args)
    for (const host of ['h1', 'h2']) {
      const cluster = new Cluster().commit(...twoTenants)
      const wanted = wantedOf(cluster, host)
      const { desired } = wanted

      const first = await session(t, ovs, wanted, version)
      t.deepEqual(sorted(await first.readBack()), sorted(contents(desired)))
      t.true(desired.size > 100)
      await first.end()

      const second = await session(t, ovs, wanted, version)
      t.is(second.sync.sent, 0)

      const sent = second.sync.sent
      cluster.commit(put('workload', workload('a/late', 'a/lan', 9)))
      await second.sync.update(2)
      t.true(second.sync.sent > sent)
      t.deepEqual(sorted(await second.readBack()), sorted(contents(desired)))

      const repaired = async (cause: Drift['cause'], count: number) => {
        await until(
          'the repair',
          () => second.drifts.filter((drift) => drift.cause === cause).length >= count,
        )
        t.deepEqual(sorted(await second.readBack()), sorted(contents(desired)))
      }
      await ofctl('del-flows', ovs.bridge, 'table=20')
      await repaired('deleted', [...desired.keys()].filter((key) => key.charCodeAt(0) === 20).length)
      await ofctl('mod-flows', ovs.bridge, 'table=60,actions=drop')
      const drops = [...contents(desired)].filter(
        ([key, content]) => key.charCodeAt(0) === 60 && content?.length === 8,
      )
      const inSwitch = [...desired.keys()].filter((key) => key.charCodeAt(0) === 60).length
      await repaired('altered', inSwitch - drops.length)
      const added = 'priority=99,ip,nw_dst=192.0.2.1,actions=output:1'
      await ofctl('add-flow', ovs.bridge, `table=200,${added}`)
      await ofctl('add-flow', ovs.bridge, `table=20,${added}`)
      await until('the repair', () => second.drifts.some(({ cause }) => cause === 'added'))
      t.regex(await ofctl('dump-flows', ovs.bridge, 'table=200'), /table=200.*priority=99/)
      await ofctl('del-flows', ovs.bridge, 'table=200')
      t.deepEqual(sorted(await second.readBack()), sorted(contents(desired)))
      t.deepEqual(second.failures, [])
      await second.end()
    }
  })
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}
