/** Texts of messages against `ovs-ofctl ofp-print`. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import {
  decodeMessage,
  dialOpenFlow,
  encodeMessage,
  Framer,
  formatMessage,
  type MessageBy,
  type MultipartDraft,
  type OpenFlowConnection,
  parseActions,
  type Version,
} from '../../src/openflow/index.js'
import { startDummySwitch } from '../support/dummy-switch.js'
import { sampleMessages, versions } from '../support/sample-messages.js'
import { packet } from '../support/sample-parts.js'

const run = promisify(execFile)

async function print(bytes: Buffer): Promise<string> {
  const { stdout } = await run('ovs-ofctl', ['--no-names', 'ofp-print', bytes.toString('hex')])
  return stdout
}

for (const version of versions)
  test(`version ${version}: every message prints as ofp-print prints it`, async (t) => {
    for (const message of sampleMessages(version))
      t.is(formatMessage(message, version), await print(encodeMessage(message, version)))
  })

const requests: readonly MultipartDraft[] = [
  { type: 'descRequest' },
  { type: 'portDescRequest' },
  { type: 'portStatsRequest' },
  { type: 'tableStatsRequest' },
  { type: 'flowDescRequest' },
  { type: 'aggregateRequest' },
  { type: 'groupDescRequest' },
  { type: 'groupStatsRequest' },
  { type: 'groupFeaturesRequest' },
  { type: 'meterFeaturesRequest' },
  { type: 'meterConfigRequest' },
  { type: 'meterStatsRequest' },
  { type: 'queueStatsRequest' },
  { type: 'tableFeaturesRequest', tables: [] },
  { type: 'flowMonitorRequest', monitors: [{ monitor: 1, flags: 31 }] },
]

function mods(version: Version) {
  const band = { type: 'drop', rate: 1000, burst: 100 } as const
  const output = [{ type: 'output', port: 1 }] as const
  const group = 10 + version
  const set = [
    { type: 'setField', field: 'ethDst', value: '02:00:00:00:00:01' },
    { type: 'group', group },
  ] as const
  return [
    { type: 'meterMod', command: 'add', flags: 5, meter: version, bands: [band] },
    {
      type: 'groupMod',
      command: 'add',
      groupType: 'select',
      group,
      buckets: [{ weight: 10, actions: output }],
    },
    { type: 'flowMod', command: 'add', table: 1, priority: version, match: { inPort: 1 }, actions: set },
    { type: 'flowMod', command: 'delete', table: 1, priority: version, match: {}, actions: [] },
  ] as const
}

/** Has the switch stop a packet in the middle of a flow's actions, with something on the stack. */
async function pausedPacket(connection: OpenFlowConnection): Promise<MessageBy<'packetIn2'>> {
  const arrived = firstValueFrom(
    connection.events.pipe(
      filter((message): message is MessageBy<'packetIn2'> => message.type === 'packetIn2'),
    ),
  )
  const actions = parseActions(
    'set_field:0xab->reg1,push:NXM_NX_REG1[],controller(pause,userdata=01.02),output:1',
  )
  await connection.apply([
    { type: 'setConfig', flags: 0, missSendLength: 0xffff },
    { type: 'setPacketInFormat', format: 'nxt2' },
    {
      type: 'flowMod',
      command: 'add',
      table: 5,
      match: {},
      actions: parseActions('write_actions(output:2),goto_table:6'),
    },
    { type: 'flowMod', command: 'add', table: 6, cookie: 6n, match: {}, actions },
    {
      type: 'packetOut',
      inPort: 1,
      actions: [
        { type: 'resubmit', table: 5 },
        { type: 'output', port: 3 },
      ],
      data: packet,
    },
  ])
  return arrived
}

test('all messages of sessions with a switch print as ofp-print prints them', async (t) => {
  const ovs = await startDummySwitch()
  t.teardown(() => ovs.stop())
  for (const version of versions) {
    const recorded: Buffer[] = []
    const framers = { in: new Framer(), out: new Framer() }
    const connection = await dialOpenFlow(ovs.bridge, {
      versions: [version],
      onBytes: (direction, bytes) => {
        for (const message of framers[direction].push(bytes)) recorded.push(Buffer.from(message))
      },
    })
    const [meter, group, add, remove] = mods(version)
    await connection.apply([meter, group, add])
    const stopped = await pausedPacket(connection)
    t.true((stopped.continuation?.length ?? 0) > 0)
    const { type: _, xid: __, ...body } = stopped
    await connection.apply([{ type: 'resume', ...body }])
    for (const request of requests) await connection.multipart(request)
    await t.throwsAsync(connection.apply([group]))
    await connection.bundle([remove, add].map((mod) => encodeMessage({ ...mod, xid: 0 }, version)))
    await connection.close()
    t.true(recorded.length > 3 * requests.length)
    for (const bytes of recorded) {
      // The hellos have versions of their own.
      const own = versions.find((known) => known === bytes[0]) ?? version
      t.is(formatMessage(decodeMessage(bytes), own), await print(bytes))
    }
  }
})
