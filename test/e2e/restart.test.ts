import { setTimeout as sleep } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { difference, FlowWatch, flowsByHost, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging, Streaming } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)
// The next hop outside is found when it has answered: from then on no flow changes by itself.
test.before(() =>
  until('the outside', async () => (await cluster.ping('usr1-1', '162.105.175.1', 1)).received > 0),
)
const hosts = ['vm1', 'vm2']

const all = () => flowsByHost(cluster.lab, hosts)

/** Every change of flows on each host while `work` runs beside a ping inside a tenant and one to the outside. */
async function underTraffic(t: ExecutionContext, work: () => Promise<void>) {
  const pings = await Promise.all([
    Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3'),
    Pinging.start(cluster.lab, 'usr2-2', '162.105.175.1'),
  ])
  // The next hop has answered, so nothing more is going to be learned.
  const watches = await Promise.all(hosts.map((host) => FlowWatch.start(cluster.lab, host)))
  await work()
  await Promise.all(pings.map((ping) => ping.answers()))
  for (const ping of pings) {
    const { answered, lost } = await ping.stop()
    t.deepEqual(lost, [], `of ${answered} packets`)
  }
  return Promise.all(watches.map((watch) => watch.stop()))
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  test.serial(
    `a controller that ends by ${signal} and starts again loses no packet and changes no flow`,
    async (t) => {
      const before = await all()
      const events = await underTraffic(t, async () => {
        await cluster.lab.stopController(signal)
        t.is((await cluster.sluice('status')).status, 3)
        await cluster.startController()
        await cluster.converge()
      })
      t.deepEqual(events, [[], []])
      t.deepEqual(difference(before, await all()), [])
      t.true([...before.values()].every((flows) => flows.length > 50))
      const { hosts: after } = await cluster.client.status()
      t.deepEqual(
        after.map(({ connected, flowMods, repaired }) => ({ connected, flowMods, repaired })),
        hosts.map(() => ({ connected: true, flowMods: 0, repaired: 0 })),
      )
    },
  )

test.serial('a stream goes on while the controller is killed, is away, and comes back', async (t) => {
  const stream = await Streaming.start(cluster.lab, 'usr1-1', 'usr1-2', '192.168.1.3')
  for (let round = 0; round < 2; round++) {
    await cluster.lab.stopController('SIGKILL')
    await sleep(1000)
    await cluster.startController()
    await cluster.converge()
  }
  const seconds = await stream.stop()
  t.true(seconds.length >= 2)
  t.true(
    seconds.every((bytes) => bytes > 0),
    JSON.stringify(seconds),
  )
})

const workload = `kind: Workload
tenant: usr1
name: late
network: lan
mac: 00:16:3e:00:00:09
ip: 192.168.1.9
`

test.serial(
  'what the files changed meanwhile is sent when the controller is back, and nothing else',
  async (t) => {
    const before = await all()
    const added = await underTraffic(t, async () => {
      await cluster.lab.stopController('SIGKILL')
      cluster.write('late.yaml', workload)
      await cluster.startController()
      await cluster.converge()
    })
    const news = difference(before, await all())
    t.true(news.length > 0 && news.every((flow) => flow.startsWith('+ ')))
    t.deepEqual(kinds(added), new Set(['ADDED']))
    t.is(added.flat().length, news.length)

    const removed = await underTraffic(t, async () => {
      await cluster.lab.stopController()
      cluster.remove('late.yaml')
      await cluster.startController()
      await cluster.converge()
    })
    t.deepEqual(difference(before, await all()), [])
    t.deepEqual(kinds(removed), new Set(['DELETED']))
    t.is(removed.flat().length, news.length)
  },
)

/** What was done to flows, of changes as FlowWatch has them. */
function kinds(events: readonly (readonly string[])[]): ReadonlySet<string | undefined> {
  return new Set(events.flat().map((event) => /event=(\w+)/.exec(event)?.[1]))
}

test.serial('a start while a host cannot be reached changes nothing, there or elsewhere', async (t) => {
  const before = await all()
  const watches = await Promise.all(hosts.map((host) => FlowWatch.start(cluster.lab, host)))
  const ping = await Pinging.start(cluster.lab, 'usr1-1', '162.105.175.1')
  await cluster.lab.stopController()
  await cluster.lab.host('vm2').cutUnderlay()
  try {
    await cluster.startController()
    await cluster.converge()
    const [vm1, vm2] = (await cluster.client.status()).hosts
    t.true(vm1?.connected)
    t.false(vm2?.connected)
    t.regex(vm2?.reason ?? '', /database: .*the switch has not connected/)
  } finally {
    await cluster.lab.host('vm2').joinUnderlay()
  }
  await until('vm2 to be back', async () =>
    (await cluster.client.status()).hosts.every((host) => host.connected),
  )
  await cluster.converge()
  t.deepEqual((await ping.stop()).lost, [])
  t.deepEqual(await Promise.all(watches.map((watch) => watch.stop())), [[], []])
  t.deepEqual(difference(before, await all()), [])
  t.deepEqual(await cluster.ping('usr1-1', '192.168.1.3'), { sent: 3, received: 3 })
})
