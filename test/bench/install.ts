import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from '../../flows/pipeline.js'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { BridgeSync } from '../../src/datapath/bridge-sync.js'
import { encodedMods } from '../../src/datapath/encoded-mods.js'
import { OpenFlowSwitch } from '../../src/datapath/openflow-switch.js'
import { BundleWriter } from '../../src/openflow/connection/bundle-writer.js'
import { dialOpenFlow, formatFlow, type OpenFlowConnection } from '../../src/openflow/index.js'
import { BundleFlag } from '../../src/openflow/messages/bundle.js'
import { DesiredFlows } from '../../src/pipeline/desired-flows.js'
import type { Flow } from '../../src/pipeline/flow.js'
import { nativeVersion } from '../../src/pipeline/native-version.js'
import { type DummySwitch, startDummySwitch } from '../support/dummy-switch.js'
import { ending } from './support/ending.js'
import { EventLoopDelay } from './support/event-loop.js'
import { FakeCluster } from './support/fake-cluster.js'
import { largeCluster } from './support/large-cluster.js'
import { figure, report } from './support/report.js'
import { median, timeAsyncMs } from './support/statistics.js'

/** Flows into an empty switch: as the controller does it, as ovs-ofctl does it, and as bytes that were made before. */
const rounds = 5
const counts = [10_000, 100_000]
const bundle = 0x534c
const bundleFlags = BundleFlag.atomic | BundleFlag.ordered

const typical = await pipelineFlows(Math.max(...counts))
const dummy = await startDummySwitch()
await ending(
  () => dummy.stop(),
  async () => {
    for (const count of counts) await install(dummy, typical.slice(0, count))
  },
)

async function install(device: DummySwitch, flows: readonly Flow[]): Promise<void> {
  const file = join(dirname(device.socket), 'flows.txt')
  const text = flows.map(({ key, content }) => formatFlow(decodeFlow(key, content), { stats: false }).trim())
  await writeFile(file, `${text.join('\n')}\n`)
  const delay = new EventLoopDelay()
  const times = {
    ours: [] as number[],
    ofctl: [] as number[],
    replay: [] as number[],
    readBack: [] as number[],
    dump: [] as number[],
  }
  for (let round = 0; round < rounds; round++) {
    await emptied(device)
    times.ours.push(await synced(device, flows, flows.length, delay))
    times.readBack.push(await synced(device, flows, 0, delay))
    times.dump.push(
      await timeAsyncMs(() => device.tool('ovs-ofctl', '-O', 'OpenFlow15', 'dump-flows', device.bridge)),
    )
    await emptied(device)
    const add = ['-O', 'OpenFlow15', '--bundle', 'add-flows', device.bridge, file]
    times.ofctl.push(await timeAsyncMs(() => device.tool('ovs-ofctl', ...add)))
    await expectFlows(device, flows.length)
    await emptied(device)
    times.replay.push(await replayed(device, flows))
    await expectFlows(device, flows.length)
  }
  const ms = { ours: median(times.ours), ofctl: median(times.ofctl), replay: median(times.replay) }
  report('install', `${flows.length.toLocaleString('en')} flows into an empty ovs-vswitchd`, {
    sluice: figure(ms.ours, 'ms'),
    'first time': figure(times.ours[0] ?? Number.NaN, 'ms'),
    rate: figure((flows.length / ms.ours) * 1000, 'flows/s'),
    'ovs-ofctl': figure(ms.ofctl, 'ms'),
    replay: figure(ms.replay, 'ms'),
    'ratio to ovs-ofctl': figure(ms.ours / ms.ofctl, '', '< 1'),
    'ratio to replay': figure(ms.ours / ms.replay, ''),
    'read back and compared': figure(median(times.readBack), 'ms'),
    'ovs-ofctl dump-flows': figure(median(times.dump), 'ms'),
    'event loop held at most': figure(delay.longestMs, 'ms', '< 50 ms'),
  })
}

/** Milliseconds from a connection that stands to a switch that has exactly these flows. */
async function synced(
  device: DummySwitch,
  flows: readonly Flow[],
  expected: number,
  delay: EventLoopDelay,
): Promise<number> {
  const connection = await dialOpenFlow(device.bridge)
  try {
    const desired = new DesiredFlows()
    for (const flow of flows) desired.add(flow)
    const sync = new BridgeSync(desired, new DesiredFlows(), new OpenFlowSwitch(connection), {
      tables: new Set(pipeline.map(({ number }) => number)),
      consistent: () => true,
      mayRemove: () => true,
    })
    const ms = await delay.during(() => timeAsyncMs(() => sync.start(1)))
    if (sync.sent !== expected || sync.size !== flows.length)
      throw new Error(`${sync.sent} flow-mods for ${sync.size} flows`)
    sync.stop()
    return ms
  } finally {
    await connection.close()
  }
}

/** Milliseconds that the switch takes where nothing has to be computed: all bytes are there before. */
async function replayed(device: DummySwitch, flows: readonly Flow[]): Promise<number> {
  const connection = await dialOpenFlow(device.bridge)
  try {
    let xid = 0x40000000
    const writer = new BundleWriter(nativeVersion, bundle, bundleFlags, () => xid++)
    const chunks: Buffer[] = []
    for (const mod of encodedMods(flows, nativeVersion)) if (writer.add(mod)) chunks.push(writer.flush())
    chunks.push(writer.flush())
    return await timeAsyncMs(async () => {
      await control(connection, 'openRequest')
      for (const chunk of chunks) connection.sendBytes(chunk)
      await control(connection, 'closeRequest')
      await control(connection, 'commitRequest')
    })
  } finally {
    await connection.close()
  }
}

function control(connection: OpenFlowConnection, step: 'openRequest' | 'closeRequest' | 'commitRequest') {
  return connection.request({ type: 'bundleControl', bundle, control: step, flags: bundleFlags })
}

async function emptied(device: DummySwitch): Promise<void> {
  await device.tool('ovs-ofctl', '-O', 'OpenFlow15', 'del-flows', device.bridge)
}

async function expectFlows(device: DummySwitch, count: number): Promise<void> {
  const text = await device.tool('ovs-ofctl', '-O', 'OpenFlow15', 'dump-aggregate', device.bridge)
  if (!text.includes(`flow_count=${count}`)) throw new Error(`${count} flows expected: ${text}`)
}

/** The first flows of a host that has at least so many, every table among them. */
async function pipelineFlows(count: number): Promise<readonly Flow[]> {
  const cluster = new FakeCluster()
  const workloads = Math.ceil(count / 6)
  await cluster.commit([...largeCluster({ hosts: 4, workloads, workloadsPerTenant: 10, gateways: 1 })])
  const desired = cluster.engine.desired('h0')
  const all = [...(desired?.keys() ?? [])].flatMap((key) => desired?.get(key) ?? [])
  if (all.length < count) throw new Error(`${all.length} flows where ${count} were expected`)
  const stride = Math.floor(all.length / count)
  return all.filter((_, index) => index % stride === 0).slice(0, count)
}
