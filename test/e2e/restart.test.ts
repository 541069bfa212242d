import test from 'ava'
import { FlowWatch, plainFlows } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging, Streaming } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
test.after.always(() => cluster.stop())
const hosts = ['vm1', 'vm2']

/** Watches the flows of all hosts while `work` runs, and a ping and a stream between two of them. */
async function underTraffic(t: import('ava').ExecutionContext, work: () => Promise<void>) {
  const pings = await Promise.all([
    Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3'),
    Pinging.start(cluster.lab, 'usr2-2', '162.105.175.1'),
  ])
  const stream = await Streaming.start(cluster.lab, 'usr1-1', 'usr1-2', '192.168.1.3')
  // The next hop has answered, so nothing more is going to be learned.
  const watches = await Promise.all(hosts.map((host) => FlowWatch.start(cluster.lab, host)))
  await work()
  await Promise.all(pings.map((ping) => ping.answers()))
  for (const ping of pings) {
    const { answered, lost } = await ping.stop()
    t.deepEqual(lost, [], `of ${answered} packets`)
  }
  const seconds = await stream.stop()
  t.true(seconds.length > 0 && seconds.every((bytes) => bytes > 0), JSON.stringify(seconds))
  return Promise.all(watches.map((watch) => watch.stop()))
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test.serial(
    `a controller that ends by ${signal} and starts again loses no packet and changes no flow`,
    async (t) => {
      const before = await Promise.all(hosts.map((host) => plainFlows(cluster.lab, host)))
      const events = await underTraffic(t, async () => {
        await cluster.lab.stopController(signal)
        t.is((await cluster.sluice('status')).status, 3)
        await cluster.startController()
        await cluster.converge()
      })
      t.deepEqual(events, [[], []])
      t.deepEqual(await Promise.all(hosts.map((host) => plainFlows(cluster.lab, host))), before)
      t.true(before.every((flows) => flows.length > 50))
      t.deepEqual(
        (await cluster.client.status()).hosts.map(({ flowMods, repaired }) => [flowMods, repaired]),
        [
          [0, 0],
          [0, 0],
        ],
      )
    },
  )
}
