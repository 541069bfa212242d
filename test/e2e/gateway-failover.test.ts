import test, { type ExecutionContext } from 'ava'
import type { HostHandle } from '../../src/lab/host.js'
import { until } from './support/open-vswitch.js'
import { Speakers } from './support/speakers.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'
import { wide } from './support/wide.js'

const outside = '162.105.175.1'
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    wide(files)
    files.edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm1, vm2]')
  },
})
test.after.always(() => cluster.stop())
const { lab } = cluster
const vm1 = lab.host('vm1')

interface GatewayView {
  readonly mac: string
  readonly activeHost: string
  readonly hostStates: Readonly<Record<string, string>>
}

async function gateway(): Promise<GatewayView> {
  return JSON.parse((await cluster.sluice('get', 'gateway', 'campus', '--json')).stdout)[0]
}

test.before('everything is up', async () => {
  await until('the outside', async () => (await cluster.ping('usr1-4', outside, 1)).received > 0)
  await until('both hosts', async () => (await gateway()).hostStates.vm2 === 'standby')
})

interface Failure {
  readonly name: string
  readonly begin: (host: HostHandle) => void | Promise<void>
  readonly end: (host: HostHandle) => void | Promise<void>
}

const failures: readonly Failure[] = [
  {
    name: 'ovs-vswitchd killed',
    begin: (host) => host.stop('ovs-vswitchd', 'SIGKILL'),
    end: (host) => host.start('ovs-vswitchd'),
  },
  { name: 'underlay cut', begin: (host) => host.cutUnderlay(), end: (host) => host.joinUnderlay() },
  {
    name: 'host stopped',
    begin: (host) => {
      for (const daemon of ['ovs-vswitchd', 'ovsdb-server'] as const) host.pause(daemon)
    },
    end: (host) => {
      for (const daemon of ['ovsdb-server', 'ovs-vswitchd'] as const) host.resume(daemon)
    },
  },
]

/** What is lost, and who speaks, from before a change to a while after it. */
async function measure(
  t: ExecutionContext,
  what: string,
  change: () => void | Promise<void>,
  answers: number,
): Promise<{ readonly gapMs: number; readonly overlapMs: number }> {
  const { mac } = await gateway().catch(() => ({ mac: known }))
  known = mac
  const speakers = await Speakers.start(lab, ['vm1', 'vm2'], 'br-ex', mac)
  const ping = await Pinging.start(lab, 'usr1-4', outside)
  await ping.answers()
  await change()
  await ping.answers(answers)
  const { longestGapMs: gapMs, lost } = await ping.stop()
  const { overlapMs, frames } = await speakers.stop()
  t.log(`${what}: ${lost.length} lost, gap ${gapMs} ms, overlap ${overlapMs} ms, ${JSON.stringify(frames)}`)
  return { gapMs, overlapMs }
}
let known = ''

for (const { name, begin, end } of failures)
  test.serial(`${name}, with the controller`, async (t) => {
    const first = await measure(t, 'failure', () => begin(vm1), 100)
    await until('vm2 to be known', async () => (await gateway()).activeHost === 'vm2')
    const back = await measure(t, 'return', () => end(vm1), 800)
    await until('vm1 to stand by', async () => (await gateway()).hostStates.vm1 === 'standby')
    t.is((await gateway()).activeHost, 'vm2')
    const restored = await measure(
      t,
      'preemption',
      () => cluster.edit('gateway.yaml', /$/, 'preempt: true\n'),
      200,
    )
    await until('vm1', async () => (await gateway()).activeHost === 'vm1')
    cluster.edit('gateway.yaml', 'preempt: true\n', '')
    await cluster.converge()
    t.true(first.gapMs < 1500)
    t.true(back.gapMs < 300)
    t.true(restored.gapMs < 300)
  })

for (const { name, begin, end } of failures)
  test.serial(`${name}, without the controller`, async (t) => {
    await gateway()
    await lab.stopController('SIGKILL')
    const first = await measure(t, 'failure', () => begin(vm1), 100)
    const back = await measure(t, 'return', () => end(vm1), 400)
    await cluster.startController()
    await cluster.converge()
    await measure(t, 'controller', () => undefined, 600)
    console.log(JSON.stringify(await gateway()))
    cluster.edit('gateway.yaml', /$/, 'preempt: true\n')
    await until('vm1', async () => (await gateway()).activeHost === 'vm1')
    cluster.edit('gateway.yaml', 'preempt: true\n', '')
    await cluster.converge()
    t.true(first.gapMs < 1500)
    t.true(back.gapMs < 300)
  })

test.serial('uplink cut, with the controller', async (t) => {
  const first = await measure(t, 'failure', () => vm1.cutUplink('br-ex'), 100)
  t.is((await gateway()).activeHost, 'vm2')
  t.is((await gateway()).hostStates.vm1, 'no uplink')
  const back = await measure(t, 'return', () => vm1.joinUplink('br-ex'), 300)
  t.is((await gateway()).activeHost, 'vm2')
  t.true(first.gapMs < 1000)
  t.true(back.gapMs < 300)
})
