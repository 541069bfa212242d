/** Hosts of a gateway that fail and come back: what is lost, and who speaks outside. */
import test, { type ExecutionContext } from 'ava'
import type { HostHandle } from '../../src/lab/host.js'
import { GatewayPair, isAlive } from './support/gateway-pair.js'
import { until } from './support/open-vswitch.js'
import {
  floating,
  floating6,
  floatingAnswers,
  outside,
  outside6,
  sharedGateway,
} from './support/shared-gateway.js'
import { Speakers } from './support/speakers.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const bridge = 'br-ex'
const cluster = await TestCluster.start(sharedGateway)
const { lab } = cluster
const hosts = [lab.host('vm1'), lab.host('vm2')] as const

const pair = new GatewayPair(cluster, 'campus')
const { mac } = await pair.view()

cluster.belongTo(test)
test.before('both hosts are up', async () => {
  await pair.settled(...hosts)
  await floatingAnswers(cluster)
})

interface Failure {
  readonly name: string
  /** For how long hosts may disagree on who is cut off: an interval of BFD, and what a busy machine adds. */
  readonly overlapMs: number
  readonly begin: (host: HostHandle) => void | Promise<void>
  readonly end: (host: HostHandle) => void | Promise<void>
}

const stopped: Failure = {
  name: 'host stopped',
  overlapMs: 0,
  begin: (host) => {
    for (const daemon of ['ovs-vswitchd', 'ovsdb-server'] as const) host.pause(daemon)
  },
  end: (host) => {
    for (const daemon of ['ovsdb-server', 'ovs-vswitchd'] as const) host.resume(daemon)
  },
}
const underlayCut: Failure = {
  name: 'underlay cut',
  overlapMs: 500,
  begin: (host) => host.cutUnderlay(),
  end: (host) => host.joinUnderlay(),
}
const uplinkCut: Failure = {
  name: 'uplink cut',
  overlapMs: 0,
  begin: (host) => host.cutUplink(bridge),
  end: (host) => host.joinUplink(bridge),
}
const killed: Failure = {
  name: 'ovs-vswitchd killed',
  overlapMs: 0,
  begin: (host) => host.stop('ovs-vswitchd', 'SIGKILL'),
  end: (host) => host.start('ovs-vswitchd'),
}
/** The last is not mended where there is no controller. */
const failures = [stopped, uplinkCut, underlayCut, killed] as const

interface Measured {
  readonly gapMs: number
  /** Milliseconds of traffic that got no answer, of the ping that lost most. */
  readonly lostMs: number
  readonly overlapMs: number
}

/**
 * A ping every 10 ms from before a change until so many answers after it: outward and to a floating address, of both
 * families. The longest silence, what was lost, and who spoke outside.
 */
async function measure(
  t: ExecutionContext,
  what: string,
  change: () => void | Promise<void>,
  answers: number,
  on: readonly string[] = ['vm1', 'vm2'],
): Promise<Measured> {
  const speakers = await Speakers.start(lab, on, bridge, mac)
  const pings = await Promise.all([
    Pinging.start(lab, 'usr1-4', outside),
    Pinging.start(lab, 'usr2-4', outside6),
    Pinging.start(lab, 'station', floating),
    Pinging.start(lab, 'station', floating6),
  ])
  await Promise.all(pings.map((ping) => ping.answers()))
  await change()
  await Promise.all(pings.map((ping) => ping.answers(answers)))
  const records = await Promise.all(pings.map((ping) => ping.stop()))
  const gaps = records.map(({ longestGapMs }) => longestGapMs)
  const losses = records.map(({ lost }) => lost.length * 10)
  const { overlapMs, frames } = await speakers.stop()
  t.log(
    `${what}: silence ${gaps.join(', ')} ms, lost ${losses.join(', ')} ms, overlap ${overlapMs} ms`,
    frames,
  )
  return { gapMs: Math.max(...gaps), lostMs: Math.max(...losses), overlapMs }
}

/** One host fails and the other takes over, with nothing lost when the first is back. */
async function failAndReturn(
  t: ExecutionContext,
  failure: Failure,
  active: HostHandle,
  standby: HostHandle,
  limitMs = 2000,
): Promise<void> {
  const failed = await measure(t, failure.name, () => failure.begin(active), 100)
  t.true(failed.gapMs < limitMs)
  t.true(failed.overlapMs <= failure.overlapMs)
  const watched = failure === uplinkCut ? [standby.name] : undefined
  const back = await measure(t, 'return', () => failure.end(active), 300, watched)
  // A switch that goes on has packets left from before, and on a busy machine it takes a while to see what time it is.
  const [overlapMs, lostMs] = failure === stopped ? [3000, 100 + back.overlapMs] : [500, 100]
  t.true(back.overlapMs <= overlapMs)
  t.true(back.lostMs <= lostMs)
}

test.serial('with the controller: the other host takes over, and keeps the gateway', async (t) => {
  let [active, standby] = [...hosts]
  for (const failure of failures) {
    await failAndReturn(t, failure, active, standby)
    await pair.settled(standby, active)
    ;[active, standby] = [standby, active]
  }
})

test.serial('without the controller, likewise', async (t) => {
  let [active, standby] = [...hosts]
  await lab.stopController('SIGKILL')
  for (const failure of failures) {
    await failAndReturn(t, failure, active, standby)
    // A switch without flows stays out until it has some.
    if (failure !== killed) await pair.ready(standby, active)
    ;[active, standby] = [standby, active]
  }
  const { lostMs, overlapMs } = await measure(
    t,
    'controller back',
    async () => {
      await cluster.startController()
      await cluster.converge()
    },
    100,
  )
  await pair.settled(active, standby)
  t.true(lostMs <= 100)
  t.is(overlapMs, 0)
})

test.serial('a host that preempts takes over again once it is back', async (t) => {
  const [first, second] = hosts
  await first.cutUplink(bridge)
  await until('vm2', async () => (await pair.view()).activeHost === 'vm2')
  await first.joinUplink(bridge)
  await pair.settled(second, first)
  const change = () => cluster.edit('gateway.yaml', /$/, 'preempt: true\n')
  const { lostMs, overlapMs } = await measure(t, 'preemption', change, 200)
  await until('vm1', async () => (await pair.view()).activeHost === 'vm1')
  cluster.edit('gateway.yaml', 'preempt: true\n', '')
  t.true(lostMs <= 100)
  t.true(overlapMs < 100)
  await pair.settled(...hosts)
})

test.serial('hosts that watch each other more often are missed sooner', async (t) => {
  let [active, standby] = [...hosts]
  cluster.edit('gateway.yaml', /$/, 'bfd: 100ms\n')
  await cluster.converge()
  // Who had asked asks anew: whoever is quicker carries it now, and nothing is lost by that.
  await until('one of them to carry the gateway', async () => {
    const { activeHost } = await pair.view()
    ;[active, standby] = hosts[0].name === activeHost ? [...hosts] : [hosts[1], hosts[0]]
    const lately = (host: HostHandle) => isAlive(standby, `lately/campus/${host.name}`)
    return (await lately(active)) && !(await lately(standby))
  })
  await pair.settled(active, standby)
  await lab.stopController('SIGKILL')
  for (const failure of failures) {
    await failAndReturn(t, failure, active, standby, 1000)
    if (failure !== killed) await pair.ready(standby, active)
    ;[active, standby] = [standby, active]
  }
})
