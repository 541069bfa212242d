import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { difference, FlowWatch, flowsByHost, succeed, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)
test.before(() =>
  until('the outside', async () => (await cluster.ping('usr1-1', '162.105.175.1', 1)).received > 0),
)
const hosts = ['vm1', 'vm2']
const all = () => flowsByHost(cluster.lab, hosts)
const statusOf = async (name: string) =>
  (await cluster.client.status()).hosts.find((host) => host.name === name)

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test.serial(`ovs-vswitchd ended by ${signal} and started: flows are back, traffic passes`, async (t) => {
    for (const host of hosts) {
      const before = await all()
      const ping = await Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3')
      const outside = await Pinging.start(cluster.lab, 'usr2-2', '162.105.175.1')
      await cluster.lab.host(host).restartVswitchd(signal)
      await ping.answers()
      await outside.answers()
      await cluster.converge()
      t.deepEqual(difference(before, await all()), [])
      await Promise.all([ping.stop(), outside.stop()])
    }
    t.deepEqual(
      (await cluster.client.status()).hosts.map(({ connected, repaired }) => ({ connected, repaired })),
      hosts.map(() => ({ connected: true, repaired: 0 })),
    )
  })

test.serial('ovsdb-server restarted: no flow changes, no packet is lost', async (t) => {
  const pings = [
    await Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3'),
    await Pinging.start(cluster.lab, 'usr2-2', '162.105.175.1'),
  ]
  const watches = await Promise.all(hosts.map((host) => FlowWatch.start(cluster.lab, host)))
  for (const host of hosts)
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const connections = connected()
      await cluster.lab.host(host).restartOvsdbServer(signal)
      await until('the database to be connected again', () => connected() > connections)
      await cluster.converge()
    }
  for (const ping of pings) {
    await ping.answers()
    t.deepEqual((await ping.stop()).lost, [])
  }
  t.deepEqual(await Promise.all(watches.map((watch) => watch.stop())), [[], []])
})

/** How often a database has been connected since the controller was started. */
const connected = () => cluster.log.split('"database connected"').length - 1

test.serial(
  'a host that cannot be reached for a minute: status says why, the others go on, all is made up for later',
  async (t) => {
    const before = await all()
    const ping = await Pinging.start(cluster.lab, 'usr1-1', '162.105.175.1')
    await cluster.lab.host('vm2').cutUnderlay()
    const minute = sleep(60_000)
    try {
      await until('vm2 to be missed', async () => (await statusOf('vm2'))?.ovsdb === 'disconnected', 40)
      await until(
        'the switch to be missed',
        async () => (await statusOf('vm2'))?.openflow === 'disconnected',
        40,
      )
      const [vm1, vm2] = (await cluster.client.status()).hosts
      t.true(vm1?.connected)
      t.false(vm2?.connected)
      t.regex(vm2?.reason ?? '', /^database: .+; the switch has not connected$/)
      t.regex((await cluster.sluice('status')).stdout, /vm2 +not connected: database: /)
      cluster.edit('usr2.yaml', 'ip: 192.168.2.2\n', 'ip: [192.168.2.2, 192.168.2.22]\n')
      const { status } = await cluster.sluice('status', '--wait=10')
      t.is(status, 0)
      const changed = difference(before, await all())
      t.true(changed.length > 0 && changed.every((line) => line.startsWith('+ vm1')), changed.join('\n'))
      await minute
    } finally {
      await cluster.lab.host('vm2').joinUnderlay()
    }
    await until('vm2 to be back', async () => (await statusOf('vm2'))?.connected === true)
    await cluster.converge()
    const changed = difference(before, await all())
    t.true(changed.some((line) => line.startsWith('+ vm2') && line.includes('192.168.2.22')))
    t.deepEqual((await ping.stop()).lost, [])
    t.deepEqual(await cluster.ping('usr1-1', '192.168.1.3'), { sent: 3, received: 3 })
    cluster.edit('usr2.yaml', 'ip: [192.168.2.2, 192.168.2.22]\n', 'ip: 192.168.2.2\n')
    await cluster.converge()
    t.deepEqual(difference(before, await all()), [])
  },
)

test.serial('labels of a host changed: no connection ends, no flow changes', async (t) => {
  const connections = connected()
  const ping = await Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3')
  const watches = await Promise.all(hosts.map((host) => FlowWatch.start(cluster.lab, host)))
  cluster.edit('hosts.yaml', 'name: vm1\n', 'name: vm1\nlabels: {rack: a1}\n')
  await cluster.converge()
  const { stdout } = await cluster.sluice('get', 'host', 'vm1', '--json')
  t.deepEqual(JSON.parse(stdout)[0]?.labels, { rack: 'a1' })
  await ping.answers()
  t.deepEqual((await ping.stop()).lost, [])
  t.deepEqual(await Promise.all(watches.map((watch) => watch.stop())), [[], []])
  t.is(connected(), connections)
  t.false(cluster.log.includes('switch disconnected; its flows stay","host":"vm1"'))
})

test.serial(
  'a switch that refuses a flow: nothing is half done, status says why, and it is made up for later',
  async (t) => {
    const vsctl = (...args: string[]) => succeed(cluster.lab, 'vm2', ['ovs-vsctl', ...args])
    const before = await all()
    const limit = ['flow_limit=1', 'overflow_policy=refuse']
    await vsctl(
      '--',
      '--id=@table',
      'create',
      'Flow_Table',
      ...limit,
      '--',
      'set',
      'Bridge',
      'br-int',
      'flow_tables:60=@table',
    )
    cluster.write('more.yaml', 'kind: Workload\ntenant: usr1\nname: more\nnetwork: lan\nip: 192.168.1.50\n')
    await until('the refusal', async () =>
      /the switch refuses its flows: .*OFPFMFC_TABLE_FULL/.test((await statusOf('vm2'))?.reason ?? ''),
    )
    const { status } = await cluster.sluice('status', '--wait=2')
    t.is(status, 1)
    const added = difference(before, await all())
    t.true(added.length > 0 && added.every((line) => line.startsWith('+ vm1')), added.join('\n'))
    t.deepEqual(await cluster.ping('usr1-1', '192.168.1.3'), { sent: 3, received: 3 })
    await vsctl('clear', 'Bridge', 'br-int', 'flow_tables')
    await until('vm2 to be in step', async () => (await statusOf('vm2'))?.reason === undefined)
    await cluster.converge()
    t.true(difference(before, await all()).some((line) => line.startsWith('+ vm2')))
    cluster.remove('more.yaml')
    await cluster.converge()
    t.deepEqual(difference(before, await all()), [])
  },
)
