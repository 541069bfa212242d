import test from 'ava'
import { everythingOf } from './support/bridge-rows.js'
import { ofctl, plainFlows, succeed, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)

const vsctl = (...args: string[]) => succeed(cluster.lab, 'vm1', ['ovs-vsctl', ...args])
const portsOf = async (bridge: string) => (await vsctl('list-ports', bridge)).trim().split('\n').sort()

/** A good deal of what operators do, and back. */
async function manyChanges(): Promise<void> {
  const workload = (n: number) =>
    `kind: Workload\ntenant: usr1\nname: w${n}\nnetwork: lan\nip: 192.168.1.${n}\n`
  for (let n = 20; n < 30; n++) cluster.write(`w${n}.yaml`, workload(n))
  await cluster.converge()
  cluster.edit('cluster.yaml', 'encapsulation: gre', 'encapsulation: vxlan')
  await cluster.converge()
  cluster.edit('hosts.yaml', 'name: vm1\n', 'name: vm1\nlabels: {rack: a1}\n')
  for (let n = 20; n < 30; n++) cluster.remove(`w${n}.yaml`)
  await cluster.converge()
  await cluster.lab.stopController('SIGKILL')
  cluster.edit('cluster.yaml', 'encapsulation: vxlan', 'encapsulation: gre')
  cluster.edit('hosts.yaml', 'labels: {rack: a1}\n', '')
  await cluster.startController()
  await cluster.converge()
  await ofctl(cluster.lab, 'vm1', 'del-flows', 'br-int')
  await cluster.converge()
}

test.serial('a bridge that is not ours stays byte for byte as it is', async (t) => {
  await vsctl(
    ...['add-br', 'br-mine', '--', 'set', 'Bridge', 'br-mine', 'datapath_type=netdev', 'fail_mode=secure'],
    ...['other_config:mac-aging-time=77', 'external_ids:owner=somebody'],
    ...['--', 'add-port', 'br-mine', 'mine0', 'tag=7', '--', 'set', 'Interface', 'mine0', 'type=internal'],
    // What looks like a workload of ours, on a bridge that is not.
    'external_ids:iface-id=usr1/usr1-2',
  )
  await succeed(cluster.lab, 'vm1', [
    'ovs-ofctl',
    'add-flow',
    'br-mine',
    'table=60,priority=1,cookie=0x51,actions=drop',
  ])
  const before = await everythingOf(cluster.lab, 'vm1', 'br-mine')
  const flows = await succeed(cluster.lab, 'vm1', ['ovs-ofctl', '--no-stats', 'dump-flows', 'br-mine'])
  const underlay = await everythingOf(cluster.lab, 'vm1', 'br-underlay')
  await manyChanges()
  t.deepEqual(await everythingOf(cluster.lab, 'vm1', 'br-mine'), before)
  t.is(before.ports.length, 2)
  t.deepEqual(await everythingOf(cluster.lab, 'vm1', 'br-underlay'), underlay)
  const after = await succeed(cluster.lab, 'vm1', ['ovs-ofctl', '--no-stats', 'dump-flows', 'br-mine'])
  const lines = (text: string) => text.split('\n').slice(1)
  t.deepEqual(lines(after), lines(flows))
  t.regex(after, /cookie=0x51, table=60, priority=1 actions=drop/)
  await until('usr1-2', async () => (await cluster.ping('usr1-1', '192.168.1.3')).received === 3)
})

test.serial(
  'of the bridge with the uplink only our patch port is ours, and goes with the gateway',
  async (t) => {
    const flowsOf = () => succeed(cluster.lab, 'vm1', ['ovs-ofctl', '--no-stats', 'dump-flows', 'br-ex'])
    const isOurs = (name: unknown) => /^gw\d+-out$/.test(String(name))
    const theirs = async () => {
      const { bridge, ports, interfaces } = await everythingOf(cluster.lab, 'vm1', 'br-ex')
      const { ports: _ports, _version: _, ...rest } = bridge
      return [rest, ports.filter(({ name }) => !isOurs(name)), interfaces.filter(({ name }) => !isOurs(name))]
    }
    const [ports, before, flows] = [await portsOf('br-ex'), await theirs(), await flowsOf()]
    t.is(ports.filter(isOurs).length, 1)
    await manyChanges()
    t.deepEqual(await portsOf('br-ex'), ports)
    t.deepEqual(await theirs(), before)

    const good = {
      gateway: cluster.read('gateway.yaml'),
      usr1: cluster.read('usr1.yaml'),
      usr2: cluster.read('usr2.yaml'),
    }
    for (const file of ['usr1.yaml', 'usr2.yaml'])
      cluster.write(file, cluster.read(file).split('---\nkind: Egress')[0] ?? '')
    cluster.remove('gateway.yaml')
    await cluster.converge()
    await until('our port to go', async () => !(await portsOf('br-ex')).some(isOurs))
    t.deepEqual(
      await portsOf('br-ex'),
      ports.filter((name) => !isOurs(name)),
    )
    t.false((await portsOf('br-int')).some((name) => name.startsWith('gw')))
    t.deepEqual(await theirs(), before)
    t.false((await plainFlows(cluster.lab, 'vm1')).some((flow) => flow.includes('162.105.175.70')))

    cluster.write('gateway.yaml', good.gateway)
    cluster.write('usr1.yaml', good.usr1)
    cluster.write('usr2.yaml', good.usr2)
    await cluster.converge()
    await until('the outside', async () => (await cluster.ping('usr2-2', '162.105.175.1', 1)).received > 0)
    t.deepEqual(await portsOf('br-ex'), ports)
    t.deepEqual(await theirs(), before)
    t.is(await flowsOf(), flows)
  },
)
