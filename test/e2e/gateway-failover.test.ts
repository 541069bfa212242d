import test, { type ExecutionContext } from 'ava'
import type { HostHandle } from '../../src/lab/host.js'
import { until } from './support/open-vswitch.js'
import { Speakers } from './support/speakers.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'
import { wide } from './support/wide.js'

const outside = '162.105.175.1'
const floating = '162.105.175.77'
const bridge = 'br-ex'
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    wide(files)
    files.edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm1, vm2]')
    files.write(
      'floating.yaml',
      `kind: FloatingIp\ntenant: usr2\nname: public\naddress: ${floating}\nworkload: usr2-4\ngateway: campus\n`,
    )
  },
})
const { lab } = cluster
const vm1 = lab.host('vm1')

/** Less than it takes to miss a host: what a busy machine may keep a packet waiting. */
const undisturbedMs = 800

interface GatewayView {
  readonly mac: string
  readonly activeHost: string
  readonly hostStates: Readonly<Record<string, string>>
}

async function gateway(): Promise<GatewayView> {
  return JSON.parse((await cluster.sluice('get', 'gateway', 'campus', '--json')).stdout)[0]
}

const states = (vm1State: string, vm2State: string) =>
  until(`${vm1State} and ${vm2State}`, async () => {
    const { hostStates } = await gateway()
    return hostStates.vm1 === vm1State && hostStates.vm2 === vm2State
  })

const { mac } = await gateway()
test.after.always(() => cluster.stop())
test.before('both hosts are up', async () => {
  await states('active', 'standby')
  await until('the floating address', async () => (await cluster.ping('station', floating, 1)).received > 0)
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

/**
 * A ping every 10 ms from before a change until so many answers after it: outward, from a floating address, and to one.
 * The longest silence, and who spoke outside.
 */
async function measure(
  t: ExecutionContext,
  what: string,
  change: () => void | Promise<void>,
  answers: number,
  hosts: readonly string[] = ['vm1', 'vm2'],
): Promise<{ readonly gapMs: number; readonly overlapMs: number }> {
  const speakers = await Speakers.start(lab, hosts, bridge, mac)
  const pings = [
    await Pinging.start(lab, 'usr1-4', outside),
    await Pinging.start(lab, 'usr2-4', outside),
    await Pinging.start(lab, 'station', floating),
  ]
  await Promise.all(pings.map((ping) => ping.answers()))
  await change()
  await Promise.all(pings.map((ping) => ping.answers(answers)))
  const gaps = await Promise.all(pings.map(async (ping) => (await ping.stop()).longestGapMs))
  const gapMs = Math.max(...gaps)
  const { overlapMs, frames } = await speakers.stop()
  t.log(`${what}: silence ${gaps.join(', ')} ms, overlap ${overlapMs} ms`, frames)
  return { gapMs, overlapMs }
}

/** Gives the gateway back to its first host. */
async function preempt(t: ExecutionContext) {
  const change = () => cluster.edit('gateway.yaml', /$/, 'preempt: true\n')
  const restored = await measure(t, 'preemption', change, 200)
  await states('active', 'standby')
  cluster.edit('gateway.yaml', 'preempt: true\n', '')
  await cluster.converge()
  t.true(restored.gapMs < undisturbedMs)
  t.true(restored.overlapMs < 100)
}

for (const { name, begin, end } of failures)
  test.serial(`${name}, with the controller: the other host takes over, and keeps the gateway`, async (t) => {
    const failed = await measure(t, 'failure', () => begin(vm1), 100)
    await states('down', 'active')
    const back = await measure(t, 'return', () => end(vm1), 400)
    await states('standby', 'active')
    t.true(failed.gapMs < 2000)
    t.is(failed.overlapMs, 0)
    t.true(back.gapMs < undisturbedMs)
    // A switch that goes on has packets left from before.
    t.true(back.overlapMs < 100)
    await preempt(t)
  })

for (const { name, begin, end } of failures)
  test.serial(`${name}, without the controller: the other host takes over`, async (t) => {
    await lab.stopController('SIGKILL')
    const failed = await measure(t, 'failure', () => begin(vm1), 100)
    const back = await measure(t, 'return', () => end(vm1), 400)
    t.true(failed.gapMs < 2000)
    t.is(failed.overlapMs, 0)
    t.true(back.gapMs < 2000)
    t.true(back.overlapMs < 1500)
    await cluster.startController()
    await cluster.converge()
    await until('both hosts', async () => {
      const found = Object.values((await gateway()).hostStates)
      return found.includes('active') && found.includes('standby')
    })
    const { gapMs, overlapMs } = await measure(t, 'controller back', () => undefined, 300)
    t.true(gapMs < undisturbedMs)
    t.is(overlapMs, 0)
    await preempt(t)
  })

test.serial('uplink cut: the controller goes past the host', async (t) => {
  const failed = await measure(t, 'failure', () => vm1.cutUplink(bridge), 100)
  await states('no uplink', 'active')
  const back = await measure(t, 'return', () => vm1.joinUplink(bridge), 200, ['vm2'])
  await states('standby', 'active')
  t.true(failed.gapMs < 1000)
  t.true(back.gapMs < undisturbedMs)
  await preempt(t)
})

test.serial('hosts that watch each other more often are missed sooner', async (t) => {
  cluster.edit('gateway.yaml', /$/, 'bfd: 100ms\n')
  await cluster.converge()
  await states('active', 'standby')
  for (const { name, begin, end } of failures) {
    const failed = await measure(t, name, () => begin(vm1), 100)
    t.true(failed.gapMs < 1000)
    await end(vm1)
    await states('standby', 'active')
    await preempt(t)
  }
})
