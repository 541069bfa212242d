import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import anyTest, { type TestFn } from 'ava'
import { Containers, ip, onHost, remains } from './support/attaching.js'
import { until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'

const test = anyTest as TestFn<{ cluster: TestCluster }>
const id = 'usr1/stray'

test.before(async (t) => {
  t.context.cluster = await TestCluster.start({
    scenario: 'tenants-gre',
    edit: (cluster) => cluster.edit('usr1.yaml', 'vni: 1 ', 'discover: true\nvni: 1 '),
  })
})
test.after.always((t) => t.context.cluster?.stop())
test.afterEach.always(async (t) => t.deepEqual(await remains(t.context.cluster, 'vm1'), []))

const documents = (cluster: TestCluster) => readdirSync(join(cluster.state, 'discovered'))

async function workload(cluster: TestCluster, name: string) {
  const { status, stdout } = await cluster.sluice('get', 'workload', name, '--json')
  return status === 0 ? JSON.parse(stdout)[0] : undefined
}

test.serial(
  'a workload that nobody declared is of the network that its port says, until the port goes',
  async (t) => {
    const { cluster } = t.context
    const name = await new Containers(t, cluster.name).add()
    const argv = ['attach', id, '--netns', name, '--network', 'usr1/lan', '--json']
    const attached = await onHost(cluster, 'vm1', argv)
    t.is(attached.status, 0, attached.stderr)
    const { addresses, mac } = JSON.parse(attached.stdout)
    t.regex(addresses[0], /^192\.168\.1\.\d+\/24$/)
    const reach = () => ip('netns', 'exec', name, 'ping', '-c', '2', '-w', '5', '192.168.1.3')
    t.regex(await reach(), / 2 received/)
    const found = await workload(cluster, id)
    t.deepEqual(
      [found.network, found.mac, found.ip.map((each: string) => `${each}/24`)],
      ['usr1/lan', mac, addresses],
    )
    t.is(found.file, join(cluster.state, 'discovered/usr1.stray.json'))

    // A restart, and a short absence, leave it its address.
    await cluster.lab.stopController()
    await cluster.startController()
    t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)
    const again = await onHost(cluster, 'vm1', argv)
    t.is(again.stdout, attached.stdout)
    t.regex(await reach(), / 2 received/)

    // Once it is declared, the files say what it is.
    cluster.write('stray.yaml', `kind: Workload\ntenant: usr1\nname: stray\nnetwork: lan\nip: 192.168.1.77\n`)
    await until('the declared one', async () => (await workload(cluster, id))?.file.endsWith('stray.yaml'))
    await cluster.converge()
    t.deepEqual(documents(cluster), [])
    t.deepEqual(JSON.parse((await cluster.sluice('status', '--json')).stdout).errors, [])
    const declared = await onHost(cluster, 'vm1', argv)
    t.is(declared.status, 0, declared.stderr)
    t.deepEqual(JSON.parse(declared.stdout).addresses, ['192.168.1.77/24'])
    cluster.remove('stray.yaml')
    await until('the discovered one', async () =>
      (await workload(cluster, id))?.file.endsWith('usr1.stray.json'),
    )

    t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)
    await until('it to be forgotten', async () => (await workload(cluster, id)) === undefined, 30)
    t.deepEqual(documents(cluster), [])
  },
)

test.serial(
  'a network that does not discover has no strangers, and a claim that is wrong is taken back',
  async (t) => {
    const { cluster } = t.context
    const name = await new Containers(t, cluster.name).add()
    const closed = await onHost(cluster, 'vm1', [
      'attach',
      'usr2/stray',
      '--netns',
      name,
      '--network',
      'usr2/lan',
    ])
    t.is(closed.status, 0)
    t.regex(closed.stderr, /the controller knows no workload usr2\/stray/)
    t.is((await onHost(cluster, 'vm1', ['detach', 'usr2/stray'])).status, 0)

    // The address is usr1-2's.
    const taken = ['--address', '192.168.1.3/24', '--network', 'usr1/lan', '--ifname', 'eth1']
    t.is((await onHost(cluster, 'vm1', ['attach', 'usr1/thief', '--netns', name, ...taken])).status, 0)
    await until('the warning', () => cluster.log.includes('workload cannot be discovered'))
    await until('its end', () => documents(cluster).length === 0)
    await until('no error', async () => {
      const { errors } = JSON.parse((await cluster.sluice('status', '--json')).stdout)
      return errors.length === 0
    })
    t.is(await workload(cluster, 'usr1/thief'), undefined)
    t.deepEqual((await workload(cluster, 'usr1/usr1-2')).ip, ['192.168.1.3'])
    t.is((await onHost(cluster, 'vm1', ['detach', 'usr1/thief'])).status, 0)
  },
)
