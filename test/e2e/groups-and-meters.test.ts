/** Groups and meters on a real switch: put in before the flows that need them, changed in place, removed after. */
import test, { type ExecutionContext } from 'ava'
import { GroupMeterSync } from '../../src/datapath/group-meter-sync.js'
import { OpenFlowSwitch } from '../../src/datapath/openflow-switch.js'
import { dialOpenFlow } from '../../src/openflow/index.js'
import { Compiler } from '../../src/pipeline/compile.js'
import { DesiredFlows } from '../../src/pipeline/desired-flows.js'
import { type RuleGroup, type RuleMeter, rule } from '../../src/pipeline/table.js'
import { Unit } from '../../src/pipeline/unit.js'
import { startDummySwitch } from '../support/dummy-switch.js'

const table = { number: 0, name: 'zero', rules: [], matches: [] }
const nothing = rule(
  'nothing',
  'host',
  () => undefined,
  () => [],
)
const unit = new Unit(table, nothing, 'one')
const compiler = new Compiler([table])

const output = (port: number) => [{ type: 'output' as const, port }]
const failover: RuleGroup = {
  group: 7,
  type: 'fastFailover',
  buckets: [
    { watchPort: 1, actions: output(1) },
    { watchGroup: 5, actions: [{ type: 'group', group: 5 }] },
  ],
}
const select: RuleGroup = {
  group: 5,
  type: 'select',
  buckets: [{ actions: output(1) }, { weight: 3, actions: [{ type: 'call', table: 'zero' }] }],
}
const all: RuleGroup = { group: 4, type: 'all', buckets: [] }
const meter = (rate: number): RuleMeter => ({ meter: 3, unit: 'kilobits', rate, burst: 800 })

function desire(...made: readonly (RuleGroup | RuleMeter)[]): DesiredFlows {
  const desired = new DesiredFlows()
  for (const each of made) desired.add(compiler.compile(each, unit))
  return desired
}

/** One connection's worth of keeping in step; answers what the switch was told. */
async function settle(
  t: ExecutionContext,
  bridge: string,
  desired: DesiredFlows,
): Promise<readonly string[]> {
  const connection = await dialOpenFlow(bridge)
  const told: string[] = []
  try {
    const device = new OpenFlowSwitch(connection)
    const sync = new GroupMeterSync(
      desired,
      {
        foreignChanges: device.foreignChanges,
        readFlows: (each) => device.readFlows(each),
        apply: (mods) => device.apply(mods),
        readGroupsAndMeters: (each) => device.readGroupsAndMeters(each),
        applyGroupsAndMeters: (mods) => {
          told.push(
            ...mods.map(({ content, exists }) =>
              content === undefined ? 'delete' : exists ? 'modify' : 'add',
            ),
          )
          return device.applyGroupsAndMeters(mods)
        },
      },
      () => true,
    )
    await sync.start()
    await sync.remove(await sync.put())
    t.false(sync.isDirty)
  } finally {
    await connection.close()
  }
  return told
}

for (const version of ['OpenFlow13', 'OpenFlow14', 'OpenFlow15']) {
  test.serial(
    `${version}: groups and meters become what they should be, and only what differs is sent`,
    async (t) => {
      const ovs = await startDummySwitch()
      t.teardown(() => ovs.stop())
      await ovs.tool('ovs-vsctl', `--db=${ovs.database}`, 'set', 'bridge', 'br0', `protocols=${version}`)
      const dump = async (what: string) =>
        (await ovs.tool('ovs-ofctl', '-O', version, what, ovs.socket)).split('\n').slice(1).join('\n')

      t.deepEqual(await settle(t, ovs.bridge, desire(failover, select, all, meter(1000))), [
        'add',
        'add',
        'add',
        'add',
      ])
      const groups = await dump('dump-groups')
      t.regex(groups, /group_id=7,type=ff,bucket=.*watch_port:(1|p1)/)
      t.regex(groups, /group_id=5,type=select/)
      t.regex(await dump('dump-meters'), /meter=3 kbps burst[\s\S]*rate=1000 burst_size=800/)

      t.deepEqual(await settle(t, ovs.bridge, desire(failover, select, all, meter(1000))), [])
      t.deepEqual(await settle(t, ovs.bridge, desire(failover, select, all, meter(2000))), ['modify'])
      t.regex(await dump('dump-meters'), /rate=2000/)
      t.deepEqual(
        await settle(
          t,
          ovs.bridge,
          desire(select, { ...all, type: 'indirect', buckets: [{ actions: output(1) }] }),
        ),
        ['modify', 'delete', 'delete'],
      )
      t.notRegex(await dump('dump-groups'), /group_id=7/)
      t.notRegex(await dump('dump-meters'), /meter=3/)
    },
  )
}
