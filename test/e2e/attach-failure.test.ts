import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import { portName } from '../../src/attach/index.js'
import { ip, onHost, remains } from './support/attaching.js'
import { succeed, until } from './support/open-vswitch.js'
import { program } from './support/programs.js'
import { TestCluster } from './support/test-cluster.js'

const test = anyTest as TestFn<{ cluster: TestCluster; name: string }>
const id = 'usr1/usr1-1'

test.before(async (t) => {
  t.context.cluster = await TestCluster.start({
    scenario: 'tenants-gre',
    edit: (cluster) => cluster.edit('lab.yaml', 'usr1/usr1-1, ', ''),
  })
})
test.after.always((t) => t.context.cluster?.stop())
test.beforeEach(async (t) => {
  t.context.name = `${t.context.cluster.name}.c`
  await ip('netns', 'add', t.context.name)
})
test.afterEach.always((t) => ip('netns', 'del', t.context.name))

/** Neither the host nor the workload has anything of a failed attach. */
async function nothing(t: ExecutionContext<{ cluster: TestCluster; name: string }>, before = ['lo']) {
  const { cluster, name } = t.context
  t.deepEqual(await remains(cluster, 'vm1'), [])
  t.deepEqual(await devices(name), before)
}

async function devices(name: string): Promise<string[]> {
  const links = await ip('-n', name, '-br', 'link')
  return links.split('\n').flatMap((line) => /^[^ @]+/.exec(line)?.[0] ?? [])
}

test.serial('what the kernel refuses inside is taken back outside', async (t) => {
  const { cluster, name } = t.context
  const facts = ['--address', '192.168.1.2/24', '--gateway', '10.9.9.9']
  const { status, stderr } = await onHost(cluster, 'vm1', ['attach', id, '--netns', name, ...facts])
  t.is(status, 1)
  t.regex(stderr, /Nexthop has invalid gateway/)
  await nothing(t)
})

test.serial('a device of that name stays, and so does a port that is somebody else’s', async (t) => {
  const { cluster, name } = t.context
  await ip('-n', name, 'tuntap', 'add', 'eth0', 'mode', 'tap')
  const taken = await onHost(cluster, 'vm1', ['attach', id, '--netns', name])
  t.is(taken.status, 1)
  t.is(taken.stderr, 'error: eth0: the workload has a device of that name already\n')
  await nothing(t, ['lo', 'eth0'])

  const add = ['add-port', 'br-int', 'other', '--', 'set', 'Interface', 'other', 'type=internal']
  await succeed(cluster.lab, 'vm1', ['ovs-vsctl', ...add, `external_ids:iface-id=${id}`])
  t.teardown(() => succeed(cluster.lab, 'vm1', ['ovs-vsctl', 'del-port', 'other']))
  const twin = await onHost(cluster, 'vm1', ['attach', id, '--netns', name, '--ifname', 'eth1'])
  t.is(twin.stderr, `error: port other of bridge br-int is ${id}, and sluice attach has not made it\n`)
  t.is((await onHost(cluster, 'vm1', ['detach', id])).stdout, `${id} is not attached to this host\n`)
  await nothing(t, ['lo', 'eth0'])
  await succeed(cluster.lab, 'vm1', ['ip', 'link', 'show', 'other'])
})

test.serial('wrong usage touches nothing', async (t) => {
  const { cluster, name } = t.context
  const netns = ['--netns', name]
  const wrong = [
    [],
    [...netns, '--pid', '1'],
    [...netns, '--address', '192.168.1.2'],
    [...netns, '--address', '192.168.1.2/33'],
    [...netns, '--address', '192.168.1.2/24\nlink del eth1'],
    [...netns, '--mac', '02:00:00:00:00:01'],
    [...netns, '--wait', '0', '--mac', '03:00:00:00:00:01'],
    [...netns, '--wait', 'long'],
    [...netns, '--wait', '0', '--mtu', '20'],
    [...netns, '--ifname', 'a name'],
    [...netns, '--network', 'lan'],
    ['--pid', 'init'],
    [...netns, '--db', 'nowhere'],
  ]
  for (const args of wrong)
    t.is((await onHost(cluster, 'vm1', ['attach', id, ...args])).status, 2, args.join(' '))
  for (const [args, said] of [
    [['--netns', 'no-such'], /there is no network namespace no-such/],
    [[...netns, '--bridge', 'br-none'], /there is no bridge br-none/],
  ] as const) {
    const { status, stderr } = await onHost(cluster, 'vm1', ['attach', id, ...args])
    t.is(status, 1)
    t.regex(stderr, said)
  }
  await nothing(t)
})

test.serial('without a controller', async (t) => {
  const { cluster, name } = t.context
  await cluster.lab.stopController()
  const silent = await onHost(cluster, 'vm1', ['attach', id, '--netns', name, '--wait', '0.3'])
  t.is(silent.status, 1)
  t.regex(silent.stderr, /no controller has said within 300 ms what usr1\/usr1-1 was given/)
  await nothing(t)

  const said = ['--address', '192.168.1.2/24', '--gateway', '192.168.1.1', '--mac', '00:16:3e:0c:07:73']
  const given = await onHost(cluster, 'vm1', ['attach', id, '--netns', name, ...said])
  t.is(given.status, 0, given.stderr)
  t.regex(await ip('-n', name, 'route'), /default via 192\.168\.1\.1 dev eth0/)
  t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)

  // A port is up before ovs-vswitchd sets its flags, among which it would set this one back.
  const waiting = await begin(t)
  t.regex(await succeed(cluster.lab, 'vm1', ['ip', 'link', 'show', portName(id)]), /<(\S+,)?UP[,>]/)

  // One that waits is told to end.
  waiting.kill('SIGTERM')
  t.deepEqual(await once(waiting, 'exit'), [1, null])
  await nothing(t)

  // The database goes while one waits, and comes back.
  const host = cluster.lab.host('vm1')
  const stranded = await begin(t)
  await host.stop('ovsdb-server', 'SIGKILL')
  const ended = once(stranded, 'exit')
  await host.start('ovsdb-server')
  t.deepEqual(await ended, [1, null])
  await nothing(t)
  await cluster.startController()
})

/** An attach that waits for an answer which does not come. */
async function begin(t: ExecutionContext<{ cluster: TestCluster; name: string }>): Promise<ChildProcess> {
  const { cluster, name } = t.context
  const argv = [process.execPath, program, 'attach', id, '--netns', name, '--wait', '60']
  const child = cluster.lab.spawn('vm1', argv, { stdio: 'ignore' })
  await until('the port', async () => (await remains(cluster, 'vm1')).includes(`port ${portName(id)}`))
  return child
}
