/** A cluster of two hosts, cut in two: which of them is cut off nobody can say, and only one carries the gateway. */
import test, { type ExecutionContext } from 'ava'
import type { HostHandle } from '../../src/lab/host.js'
import { GatewayPair, isAlive } from './support/gateway-pair.js'
import { until } from './support/open-vswitch.js'
import { Speakers } from './support/speakers.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const outside = '162.105.175.1'
const floating = '162.105.175.77'
const bridge = 'br-ex'
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm1, vm2]')
    files.write(
      'floating.yaml',
      `kind: FloatingIp\ntenant: usr2\nname: one\naddress: ${floating}\nworkload: usr2-1\ngateway: campus\n`,
    )
  },
})
const { lab } = cluster
const pair = new GatewayPair(cluster, 'campus')
const [carrier, standby] = [lab.host('vm1'), lab.host('vm2')] as const
const { mac } = await pair.view()

cluster.belongTo(test)
test.before('both hosts are up', async () => {
  await pair.settled(carrier, standby)
  await until(floating, async () => (await cluster.ping('station', floating, 1)).received > 0)
})

/** Cuts the underlay at one of the hosts: whoever carried the gateway goes on, and nobody else speaks outside. */
async function cutAndJoin(t: ExecutionContext, host: HostHandle): Promise<void> {
  const speakers = await Speakers.start(lab, ['vm1', 'vm2'], bridge, mac)
  const pings = await Promise.all([
    Pinging.start(lab, 'usr1-1', outside),
    Pinging.start(lab, 'station', floating),
  ])
  await Promise.all(pings.map((ping) => ping.answers()))
  await host.cutUnderlay()
  await until('the hosts to miss each other', async () => {
    const sessions = [isAlive(carrier, 'session/vm2'), isAlive(standby, 'session/vm1')]
    return !(await Promise.all(sessions)).some(Boolean)
  })
  await Promise.all(pings.map((ping) => ping.answers(300)))
  await host.joinUnderlay()
  await pair.ready(carrier, standby)
  const records = await Promise.all(pings.map((ping) => ping.stop()))
  const { frames } = await speakers.stop()
  t.log(
    `cut at ${host.name}:`,
    frames,
    records.map(({ lost }) => lost.length),
  )
  t.true((frames.vm1 ?? 0) > 300)
  t.is(frames.vm2, 0)
  for (const { lost } of records) t.true(lost.length <= 50)
}

test.serial('the underlay is cut: one goes on, with the controller and without', async (t) => {
  for (const host of [carrier, standby]) {
    await cutAndJoin(t, host)
    await pair.settled(carrier, standby)
  }
  await lab.stopController('SIGKILL')
  await cutAndJoin(t, carrier)
})

test.serial('the one that carries the gateway dies: the other takes over all the same', async (t) => {
  const ping = await Pinging.start(lab, 'usr1-2', outside)
  await ping.answers()
  await carrier.stop('ovs-vswitchd', 'SIGKILL')
  await ping.answers(100)
  const { longestGapMs } = await ping.stop()
  t.log(`silence ${longestGapMs} ms`)
  t.true(longestGapMs < 2000)
})
