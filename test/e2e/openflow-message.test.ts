/** Sessions with a real switch. */
import { execFile } from 'node:child_process'
import test from 'ava'
import { filter, firstValueFrom, map, take, toArray } from 'rxjs'
import {
  BundleError,
  dialOpenFlow,
  encodeFlowMod,
  encodeInstructions,
  encodeMatch,
  encodeMessage,
  type FlowUpdate,
  HandshakeError,
  listenOpenFlow,
  MonitorFlag,
  multipartBody,
  type OpenFlowConnection,
  OpenFlowError,
  type RawFlowDesc,
  scanFlowDescs,
  type Version,
  Writer,
} from '../../src/openflow/index.js'
import { type DummySwitch, startDummySwitch } from '../support/dummy-switch.js'
import { versions } from '../support/sample-messages.js'

async function connect(t: { teardown(end: () => Promise<void>): void }, ovs: DummySwitch, version: Version) {
  const connection = await dialOpenFlow(ovs.bridge, { versions: [version] })
  t.teardown(() => connection.close())
  return connection
}

function flow(metadata: number, version: Version, group?: number): Buffer {
  const match = new Writer()
  encodeMatch(match, { metadata: BigInt(metadata) }, version)
  const instructions = new Writer()
  const action =
    group === undefined ? ({ type: 'output', port: 2 } as const) : ({ type: 'group', group } as const)
  encodeInstructions(instructions, [action], version)
  const encoded = { matchBytes: match.view(), instructionBytes: instructions.view() }
  return encodeFlowMod(
    { command: 'add', table: 5, priority: 10, cookie: BigInt(metadata), ...encoded },
    version,
  )
}

async function readTable(connection: OpenFlowConnection, table: number): Promise<RawFlowDesc[]> {
  const flows: RawFlowDesc[] = []
  await connection.multipartBytes({ type: 'flowDescRequest', table }, (part) => {
    flows.push(...scanFlowDescs(multipartBody(part), connection.version))
  })
  return flows
}

let ovs: DummySwitch
test.before(async () => {
  ovs = await startDummySwitch()
})
test.after.always(() => ovs?.stop())

for (const version of versions) {
  test.serial(`version ${version}: the session knows version and datapath id`, async (t) => {
    const connection = await connect(t, ovs, version)
    t.is(connection.version, version)
    const shown = await ovs.tool('ovs-ofctl', '-O', `OpenFlow1${version - 1}`, 'show', ovs.bridge)
    t.true(shown.includes(`dpid:${connection.datapathId}`))
    t.is(connection.remoteAddress, ovs.bridge)
  })

  test.serial(`version ${version}: a bundle of 1,000 flows is there when it resolves`, async (t) => {
    const connection = await connect(t, ovs, version)
    await connection.bundle(Array.from({ length: 1000 }, (_, i) => flow(i, version)))
    const flows = await readTable(connection, 5)
    t.is(flows.length, 1000)
    t.deepEqual(
      new Set(flows.map(({ cookie }) => cookie)),
      new Set(Array.from({ length: 1000 }, (_, i) => BigInt(i))),
    )
    const mine = flow(7, version)
    const { matchBytes, instructionBytes } = flows.find(({ cookie }) => cookie === 7n) ?? {}
    t.deepEqual(
      Buffer.concat([matchBytes ?? Buffer.alloc(0), instructionBytes ?? Buffer.alloc(0)]),
      mine.subarray(48),
    )
    await connection.apply([{ type: 'flowMod', command: 'delete', table: 5, match: {}, actions: [] }])
    t.is((await readTable(connection, 5)).length, 0)
  })

  test.serial(`version ${version}: one refused flow undoes the bundle and is named`, async (t) => {
    const connection = await connect(t, ovs, version)
    const mods = Array.from({ length: 900 }, (_, i) => flow(i, version, i === 450 ? 99 : undefined))
    const error = await t.throwsAsync(connection.bundle(mods), { instanceOf: BundleError })
    t.is(error?.index, 450)
    t.true(error?.cause instanceof OpenFlowError && error.cause.codeName === 'OFPBAC_BAD_OUT_GROUP')
    t.is((await readTable(connection, 5)).length, 0)
    const async = (async function* () {
      yield flow(1, version)
      yield encodeMessage({ type: 'meterMod', xid: 0, command: 'delete', meter: 1, bands: [] }, version)
    })()
    const unsupported = await t.throwsAsync(connection.bundle(async), { instanceOf: BundleError })
    t.is(unsupported?.index, 1)
    t.true(unsupported?.cause instanceof OpenFlowError && unsupported.cause.codeName === 'OFPBFC_MSG_UNSUP')
    t.is((await readTable(connection, 5)).length, 0)
  })

  test.serial(`version ${version}: groups and meters come back as they were sent`, async (t) => {
    const connection = await connect(t, ovs, version)
    const band = { type: 'drop', rate: 1000, burst: 100 } as const
    const buckets = [{ weight: 10, actions: [{ type: 'output', port: 1 }] as const }]
    const group = 100 + version
    await connection.apply([
      { type: 'meterMod', command: 'add', flags: 5, meter: version, bands: [band] },
      { type: 'groupMod', command: 'add', groupType: 'select', group, buckets },
    ])
    const [meters] = await connection.multipart({ type: 'meterConfigRequest', meter: version })
    t.deepEqual(meters?.meters, [{ flags: 5, meter: version, bands: [band] }])
    const [groups] = await connection.multipart({ type: 'groupDescRequest' })
    const found = groups?.groups.find((desc) => desc.group === group)
    const id = version === 6 ? { id: 0 } : {}
    t.deepEqual(found, {
      groupType: 'select',
      group,
      buckets: [{ ...id, ...buckets[0], actions: [{ type: 'output', port: 1 }] }],
    })
    const [sums] = await connection.multipart({ type: 'groupStatsRequest', group })
    t.is(sums?.groups[0]?.buckets.length, 1)
    await connection.apply([
      { type: 'groupMod', command: 'delete', group },
      { type: 'meterMod', command: 'delete', meter: version, bands: [] },
    ])
  })

  test.serial(`version ${version}: a packet-out comes back with user data`, async (t) => {
    const connection = await connect(t, ovs, version)
    // A management socket gets no asynchronous messages before it asks for them by a length of packets.
    connection.send({ type: 'setConfig', flags: 0, missSendLength: 0xffff })
    connection.send({ type: 'setPacketInFormat', format: 'nxt2' })
    connection.send({ type: 'setControllerId', id: 40 + version })
    const userdata = Buffer.from([1, 2, 3])
    const actions = [{ type: 'controller', id: 40 + version, userdata }] as const
    await connection.apply([
      {
        type: 'flowMod',
        command: 'add',
        table: 0,
        priority: version,
        cookie: 9n,
        match: { inPort: 3 },
        actions,
      },
    ])
    const seen = firstValueFrom(connection.events.pipe(filter((message) => message.type === 'packetIn2')))
    const data = Buffer.from('ffffffffffff0a000000000188b5'.padEnd(120, '0'), 'hex')
    connection.send({ type: 'packetOut', inPort: 3, actions: [{ type: 'output', port: 0xfffffff9 }], data })
    const packetIn = await seen
    t.deepEqual(packetIn.userdata, userdata)
    t.deepEqual(packetIn.packet, data)
    t.is(packetIn.cookie, 9n)
    t.is(packetIn.metadata?.inPort, 3)
    await connection.apply([{ type: 'flowMod', command: 'delete', table: 0, match: {}, actions: [] }])
  })

  test.serial(`version ${version}: the monitor reports what others change, with priority`, async (t) => {
    const connection = await connect(t, ovs, version)
    const { add, removed, modify, initial, instructions } = MonitorFlag
    const flags = add | removed | modify | initial | instructions
    const reply = await connection.request({
      type: 'flowMonitorRequest',
      monitors: [{ monitor: 1, flags, table: 9 }],
    })
    t.deepEqual(reply.updates, [])
    const updates = firstValueFrom(
      connection.events.pipe(
        filter((message) => message.type === 'flowMonitorReply'),
        map((message): readonly FlowUpdate[] => message.updates),
        take(3),
        toArray(),
      ),
    )
    const ofctl = (...args: string[]) => ovs.tool('ovs-ofctl', '-O', `OpenFlow1${version - 1}`, ...args)
    await ofctl('add-flow', ovs.bridge, 'table=9,priority=77,cookie=5,tcp,actions=output:2')
    await ofctl('mod-flows', ovs.bridge, 'table=9,tcp,actions=output:3')
    await ofctl('del-flows', ovs.bridge, 'table=9')
    const fixed = { table: 9, idleTimeout: 0, hardTimeout: 0, priority: 77, cookie: 5n }
    const common = { ...fixed, match: { ethType: 0x800, ipProto: 6 } }
    t.deepEqual((await updates).flat(), [
      { event: 'added', ...common, reason: 'idleTimeout', actions: [{ type: 'output', port: 2 }] },
      { event: 'modified', ...common, reason: 'idleTimeout', actions: [{ type: 'output', port: 3 }] },
      { event: 'removed', ...common, reason: 'delete', actions: [{ type: 'output', port: 3 }] },
    ])
  })
}

test.serial('a refused request is a typed error, and the connection goes on', async (t) => {
  const connection = await connect(t, ovs, 6)
  const error = await t.throwsAsync(connection.multipart({ type: 'meterConfigRequest', meter: 4711 }), {
    instanceOf: OpenFlowError,
  })
  t.is(error?.codeName, 'OFPMMFC_UNKNOWN_METER')
  await connection.barrier()
  const asynchronous = firstValueFrom(connection.events.pipe(filter((message) => message.type === 'error')))
  const xid = connection.send({ type: 'groupMod', command: 'modify', group: 4711 })
  t.is((await asynchronous).xid, xid)
})

test.serial('no common version is told to both sides', async (t) => {
  const refused = new Promise<HandshakeError>((resolve, reject) => {
    const unexpected = () => reject(new Error('a switch of OpenFlow 1.0 was accepted'))
    listenOpenFlow('tcp:127.0.0.1:0', unexpected, { versions: [6], onFailure: resolve }).then((listener) => {
      t.teardown(() => listener.close())
      const client = execFile('ovs-ofctl', ['-O', 'OpenFlow10', 'show', listener.address])
      t.teardown(() => client.kill())
    }, reject)
  })
  t.true((await refused) instanceof HandshakeError)
})

test.serial('a switch that dials is handed over, and the end of its connection is known', async (t) => {
  const arrived: OpenFlowConnection[] = []
  let handOver: (connection: OpenFlowConnection) => void = (connection) => arrived.push(connection)
  const first = new Promise<OpenFlowConnection>((resolve) => {
    handOver = resolve
  })
  const listener = await listenOpenFlow('tcp:127.0.0.1:0', (connection) => handOver(connection))
  t.teardown(() => listener.close())
  await ovs.tool(
    'ovs-vsctl',
    `--db=unix:${ovs.socket.replace('br0.mgmt', 'db.sock')}`,
    'set-controller',
    'br0',
    listener.address,
  )
  const connection = await first
  t.is(connection.version, 6)
  const own = await connect(t, ovs, 6)
  t.is(connection.datapathId, own.datapathId)
  const pending = connection.closed
  await ovs.tool(
    'ovs-vsctl',
    `--db=unix:${ovs.socket.replace('br0.mgmt', 'db.sock')}`,
    'del-controller',
    'br0',
  )
  t.is((await pending).reason, 'peer')
  await t.throwsAsync(connection.barrier(), { code: 'connection-closed' })
})
