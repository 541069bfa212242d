import { join } from 'node:path'
import anyTest, { type TestFn } from 'ava'
import { portName } from '../../src/attach/index.js'
import { anonymous, Containers, fakeRuntimes, ip, onHost, remains } from './support/attaching.js'
import { flowsByHost, succeed, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'

const test = anyTest as TestFn<{ cluster: TestCluster }>

// usr1-1 is declared and attached by the tests; the lab plugs in the other three.
test.before(async (t) => {
  t.context.cluster = await TestCluster.start({
    scenario: 'tenants-gre',
    edit: (cluster) => cluster.edit('lab.yaml', 'usr1/usr1-1, ', ''),
  })
})
test.after.always((t) => t.context.cluster?.stop())
test.afterEach.always(async (t) => {
  const { cluster } = t.context
  t.deepEqual(await remains(cluster, 'vm1'), [])
  t.deepEqual((await cluster.sluice('status')).stdout.match(/\d+ error/g), null)
})

const id = 'usr1/usr1-1'

test.serial(
  'a namespace is attached with what the controller gave it; twice is once; detach leaves nothing',
  async (t) => {
    const { cluster } = t.context
    const containers = new Containers(t, cluster.name)
    const name = await containers.add()
    const before = await flowsByHost(cluster.lab, ['vm1', 'vm2'])

    const first = await onHost(cluster, 'vm1', ['attach', id, '--netns', name, '--json'])
    t.is(first.status, 0, first.stderr)
    t.deepEqual(JSON.parse(first.stdout), {
      workload: id,
      bridge: 'br-int',
      port: portName(id),
      ifname: 'eth0',
      mac: '00:16:3e:0c:07:73',
      addresses: ['192.168.1.2/24'],
      gateways: ['192.168.1.1'],
      mtu: 1458,
    })
    const reach = (address: string) =>
      ip('netns', 'exec', name, 'ping', '-c', '2', '-i', '0.1', '-w', '5', address)
    t.regex(await reach('192.168.1.3'), / 2 received/)
    t.regex(await reach('162.105.175.1'), / 2 received/)
    t.deepEqual(await remains(cluster, 'vm1'), [`device ${portName(id)}`, `port ${portName(id)}`])

    const look = async () => [
      await ip('-n', name, '-4', 'address', 'show', 'dev', 'eth0'),
      await ip('-n', name, 'route'),
      await succeed(cluster.lab, 'vm1', ['ovs-vsctl', 'list', 'Interface', portName(id)]).then(
        withoutCounters,
      ),
    ]
    const once = await look()
    const second = await onHost(cluster, 'vm1', ['attach', id, '--netns', name, '--json'])
    t.deepEqual(second, first)
    t.deepEqual(await look(), once)
    t.regex(await reach('192.168.1.3'), / 2 received/)

    const detached = await onHost(cluster, 'vm1', ['detach', id])
    t.is(detached.status, 0, detached.stderr)
    t.is(detached.stdout, `${id} is detached: ${portName(id)}\n`)
    await until('the flows to go', async () => {
      const after = await flowsByHost(cluster.lab, ['vm1', 'vm2'])
      return JSON.stringify([...after]) === JSON.stringify([...before])
    })
    const again = await onHost(cluster, 'vm1', ['detach', id])
    t.is(again.stdout, `${id} is not attached to this host\n`)
    t.is(again.status, 0)
  },
)

const withoutCounters = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(statistics|link_resets)/.test(line))
    .join('\n')

test.serial('detach after the namespace is gone, and attach after that', async (t) => {
  const { cluster } = t.context
  const containers = new Containers(t, cluster.name)
  const name = await containers.add()
  t.is((await onHost(cluster, 'vm1', ['attach', id, '--netns', name])).status, 0)
  await containers.remove(name)
  // Whoever comes next finds the port of a pair that has gone.
  const other = await containers.add()
  const moved = await onHost(cluster, 'vm1', ['attach', id, '--netns', other])
  t.is(moved.status, 0, moved.stderr)
  t.regex(await ip('netns', 'exec', other, 'ping', '-c', '2', '-w', '5', '192.168.1.3'), / 2 received/)
  await containers.remove(other)
  t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)
})

test.serial('a workload that is attached elsewhere moves', async (t) => {
  const { cluster } = t.context
  const containers = new Containers(t, cluster.name)
  const [one, two] = [await containers.add(), await containers.add()]
  for (const name of [one, two, one]) {
    const { status, stderr } = await onHost(cluster, 'vm1', ['attach', id, '--netns', name])
    t.is(status, 0, stderr)
    t.regex(await ip('netns', 'exec', name, 'ping', '-c', '2', '-w', '5', '192.168.1.3'), / 2 received/)
  }
  t.notRegex(await ip('-n', two, 'link'), /eth0/)
  t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)
})

test.serial('a process in a namespace without a name; the one of the host is refused', async (t) => {
  const { cluster } = t.context
  const pid = await anonymous(t)
  const { status, stderr } = await onHost(cluster, 'vm1', [
    'attach',
    id,
    '--pid',
    String(pid),
    '--ifname',
    'net0',
  ])
  t.is(status, 0, stderr)
  const inside = ['nsenter', `--net=/proc/${pid}/ns/net`]
  t.regex(
    await succeed(cluster.lab, 'vm1', [...inside, 'ip', '-br', 'addr', 'show', 'net0']),
    /192\.168\.1\.2\/24/,
  )
  await succeed(cluster.lab, 'vm1', [...inside, 'ping', '-c', '1', '-w', '5', '192.168.1.3'])
  t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)

  const daemon = cluster.lab.host('vm1').pid('ovs-vswitchd')
  const refused = await onHost(cluster, 'vm1', ['attach', id, '--pid', String(daemon)])
  t.is(refused.status, 1)
  t.regex(refused.stderr, /is the network namespace of the host itself/)
  const none = await onHost(cluster, 'vm1', ['attach', id, '--pid', '999999999'])
  t.is(none.stderr, 'error: there is no process 999999999\n')
})

// The runtimes are not installed here: commands of their names answer as they do.
test.serial('a container by its name, whatever runs it', async (t) => {
  const { cluster } = t.context
  const pid = await anonymous(t)
  const refuse = (text: string) => `echo '${text}' >&2; exit 1`
  const only = (test: string, answer: string, otherwise: string) =>
    `${test} && { ${answer}; exit 0; }\n${otherwise}`
  const docker = only(
    `[ "$*" = "inspect --type container --format {{.State.Pid}} -- web" ]`,
    `echo ${pid}`,
    refuse('Error: No such container: x'),
  )
  const lxc = only('[ "$*" = "--no-humanize --pid --name web" ]', `echo ${pid}`, refuse(''))
  // libvirt-lxc's id is the pid of its controller, whose child is the container.
  const virsh = only(
    `[ "$*" = "--quiet --connect lxc:///system domid --domain web" ]`,
    `cut -d' ' -f4 /proc/${pid}/stat`,
    refuse('error: failed to get domain'),
  )
  const cases: [string, Record<string, string>, string[]][] = [
    ['docker', { docker }, []],
    ['podman', { docker: refuse('Cannot connect to the Docker daemon'), podman: docker }, []],
    ['lxc', { 'lxc-info': lxc }, []],
    ['both', { docker, 'lxc-info': lxc }, ['--runtime', 'lxc']],
  ]
  for (const [name, scripts, options] of cases) {
    const env = fakeRuntimes(join(cluster.state, 'fake', name), { docker: refuse('no daemon'), ...scripts })
    const attached = await onHost(cluster, 'vm1', ['attach', id, '--container', 'web', ...options], env)
    t.is(attached.status, 0, `${name}: ${attached.stderr}`)
    await succeed(cluster.lab, 'vm1', [
      'nsenter',
      `--net=/proc/${pid}/ns/net`,
      'ping',
      '-c',
      '1',
      '-w',
      '5',
      '192.168.1.3',
    ])
    t.is((await onHost(cluster, 'vm1', ['detach', id])).status, 0)
  }
  const both = fakeRuntimes(join(cluster.state, 'fake', 'both'), {})
  const ambiguous = await onHost(cluster, 'vm1', ['attach', id, '--container', 'web'], both)
  t.regex(ambiguous.stderr, /docker and lxc each run a container web: say --runtime/)
  const stopped = fakeRuntimes(join(cluster.state, 'fake', 'stopped'), { docker: 'echo 0', virsh })
  const unknown = await onHost(cluster, 'vm1', ['attach', id, '--container', 'nothing'], stopped)
  t.is(unknown.status, 1)
  t.regex(
    unknown.stderr,
    /no container nothing runs\n {2}docker: does not run it\n {2}podman: .*\n.*\n {2}libvirt: error: failed to get domain/,
  )
})

test.serial('a TAP device of a virtual machine', async (t) => {
  const { cluster } = t.context
  await succeed(cluster.lab, 'vm1', ['ip', 'tuntap', 'add', 'tap7', 'mode', 'tap'])
  t.teardown(() => succeed(cluster.lab, 'vm1', ['ip', 'link', 'del', 'tap7']))
  for (const _ of ['once', 'twice']) {
    const { status, stdout, stderr } = await onHost(cluster, 'vm1', ['attach', id, '--tap', 'tap7'])
    t.is(status, 0, stderr)
    t.is(stdout, `${id} is port tap7 of br-int\n`)
  }
  await until('it to be placed', async () =>
    (await cluster.sluice('get', 'workload', id, '--json')).stdout.includes('"port":"tap7"'),
  )
  const detached = await onHost(cluster, 'vm1', ['detach', id])
  t.is(detached.stdout, `${id} is detached: tap7\n`)
  t.notRegex(await succeed(cluster.lab, 'vm1', ['ovs-vsctl', 'list-ports', 'br-int']), /tap7/)
  await succeed(cluster.lab, 'vm1', ['ip', 'link', 'show', 'tap7'])
  const none = await onHost(cluster, 'vm1', ['attach', id, '--tap', 'tap8'])
  t.is(none.stderr, 'error: the host has no device tap8\n')
})

test.serial('a workload that no file declares comes up without an address', async (t) => {
  const { cluster } = t.context
  const name = await new Containers(t, cluster.name).add()
  const { status, stdout, stderr } = await onHost(cluster, 'vm1', ['attach', 'usr1/stray', '--netns', name])
  t.is(status, 0)
  t.regex(stderr, /the controller knows no workload usr1\/stray/)
  t.is(stdout, `usr1/stray is port ${portName('usr1/stray')} of br-int, no address\n`)
  t.regex(await ip('-n', name, '-br', 'link', 'show', 'eth0'), /UP/)
  t.regex(await ip('-n', name, '-4', '-br', 'address', 'show', 'eth0'), /^(eth0\S* +UP +)?\n?$/)

  // Once it is declared, attach gives it what it lacks.
  cluster.write('stray.yaml', 'kind: Workload\ntenant: usr1\nname: stray\nnetwork: lan\nip: 192.168.1.9\n')
  await cluster.converge()
  await until('an address', async () => {
    const again = await onHost(cluster, 'vm1', ['attach', 'usr1/stray', '--netns', name])
    return again.stdout.includes('192.168.1.9/24')
  })
  t.regex(await ip('netns', 'exec', name, 'ping', '-c', '2', '-w', '5', '192.168.1.3'), / 2 received/)
  cluster.edit('stray.yaml', '192.168.1.9', '192.168.1.10')
  await cluster.converge()
  await until('another address', async () => {
    const renewed = await onHost(cluster, 'vm1', ['attach', 'usr1/stray', '--netns', name])
    t.is(renewed.status, 0, renewed.stderr)
    const addresses = await ip('-n', name, '-4', 'address', 'show', 'eth0')
    return addresses.includes('192.168.1.10/24') && !addresses.includes('192.168.1.9/24')
  })
  cluster.remove('stray.yaml')
  await cluster.converge()
  t.is((await onHost(cluster, 'vm1', ['detach', 'usr1/stray'])).status, 0)
})
