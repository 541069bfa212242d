import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import { portName } from '../../src/attach/index.js'
import { anonymous, Containers, fakeRuntimes, ip, remains } from './support/attaching.js'
import { succeed, until } from './support/open-vswitch.js'
import { cniProgram, examples, program } from './support/programs.js'
import { TestCluster } from './support/test-cluster.js'

const test = anyTest as TestFn<{ cluster: TestCluster; path: string }>
const id = 'usr1/usr1-1'

test.before(async (t) => {
  const cluster = await TestCluster.start({
    scenario: 'tenants-gre',
    edit: (each) => each.edit('lab.yaml', 'usr1/usr1-1, ', ''),
  })
  const { PATH } = fakeRuntimes(join(cluster.state, 'bin'), {})
  symlinkSync(program, join(cluster.state, 'bin/sluice'))
  t.context = { cluster, path: PATH }
})
test.after.always((t) => t.context.cluster?.stop())
test.afterEach.always(async (t) => t.deepEqual(await remains(t.context.cluster, 'vm1'), []))

type Test = ExecutionContext<{ cluster: TestCluster; path: string }>

/** Runs an example on host vm1, where it must succeed. */
async function run(t: Test, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { cluster, path } = t.context
  const { stdout, stderr, status } = await cluster.lab.exec('vm1', argv, { env: { PATH: path, ...env } })
  t.is(status, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

const port = async (t: Test): Promise<string> => {
  const { stdout } = await t.context.cluster.sluice('get', 'workload', id, '--json')
  return JSON.parse(stdout)[0].port
}

// LXC itself is not run here: its hooks get the arguments and variables that lxc.container.conf(5) says.
test.serial('LXC: start-host and post-stop', async (t) => {
  const pid = await anonymous(t)
  const env = {
    LXC_NAME: 'usr1-1',
    LXC_PID: String(pid),
    LXC_HOOK_TYPE: 'start-host',
    LXC_HOOK_SECTION: 'lxc',
  }
  await run(t, [join(examples, 'lxc/sluice-start-host')], env)
  await run(t, ['nsenter', `--net=/proc/${pid}/ns/net`, 'ping', '-c', '1', '-w', '5', '192.168.1.3'])
  await run(t, [join(examples, 'lxc/sluice-down')], { LXC_NAME: 'usr1-1', LXC_HOOK_TYPE: 'post-stop' })
})

test.serial('LXC: script.up and script.down, of both versions of hooks', async (t) => {
  const { cluster } = t.context
  const name = await new Containers(t, cluster.name).add()
  // What LXC does by itself, from its configuration.
  await succeed(cluster.lab, 'vm1', [
    'ip',
    'link',
    'add',
    'vethA1',
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    name,
  ])
  for (const line of ['link set eth0 address 00:16:3e:0c:07:73 up', 'address add 192.168.1.2/24 dev eth0'])
    await ip('-n', name, ...line.split(' '))
  const net = ['usr1-1', 'net']
  const hooks = [
    { up: [...net, 'up', 'veth', 'vethA1'], down: [...net, 'down', 'veth', 'vethA1'], env: {} },
    { up: [], down: [], env: { LXC_NAME: 'usr1-1', LXC_NET_TYPE: 'veth', LXC_NET_PEER: 'vethA1' } },
  ]
  for (const { up, down, env } of hooks) {
    await run(t, [join(examples, 'lxc/sluice-up'), ...up], env)
    t.regex(await ip('netns', 'exec', name, 'ping', '-c', '2', '-w', '5', '192.168.1.3'), / 2 received/)
    t.is(await port(t), 'vethA1')
    await run(t, [join(examples, 'lxc/sluice-down'), ...down], env)
    t.notRegex(await succeed(cluster.lab, 'vm1', ['ovs-vsctl', 'list-ports', 'br-int']), /vethA1/)
  }
})

// libvirt is not run here: its port is made with the command that it runs (virNetDevOpenvswitchAddPort).
test.serial('libvirt: what its virtualport says is the workload', async (t) => {
  const { cluster } = t.context
  const xml = readFileSync(join(examples, 'libvirt/interface.xml'), 'utf8')
  const attribute = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? ''
  const iface = attribute(/interfaceid='([\da-f-]{36})'/)
  const mac = attribute(/mac address='([\da-f:]{17})'/)
  const workload = readFileSync(join(examples, 'libvirt/workload.yaml'), 'utf8')
  const usr1 = cluster.read('usr1.yaml')
  t.teardown(async () => {
    cluster.write('usr1.yaml', usr1)
    await cluster.converge()
  })
  const documents = usr1.split('---\n').map((each) => (each.includes('name: usr1-1\n') ? workload : each))
  cluster.write('usr1.yaml', documents.join('---\n'))
  await cluster.converge()

  await succeed(cluster.lab, 'vm1', ['ip', 'tuntap', 'add', 'vnet0', 'mode', 'tap'])
  t.teardown(() => succeed(cluster.lab, 'vm1', ['ip', 'link', 'del', 'vnet0']))
  const bridge = attribute(/source bridge='([^']+)'/)
  const ids = [`attached-mac="${mac}"`, `iface-id="${iface}"`, 'vm-id="7c9a"', 'iface-status=active']
  const sets = ids.flatMap((each) => ['--', 'set', 'Interface', 'vnet0', `external-ids:${each}`])
  const add = ['--', '--if-exists', 'del-port', 'vnet0', '--', 'add-port', bridge, 'vnet0', ...sets]
  await succeed(cluster.lab, 'vm1', ['ovs-vsctl', '--timeout=5', ...add])
  await until('the workload to be placed', async () => (await port(t)) === 'vnet0')
  const { stdout } = await cluster.sluice('get', 'workload', id, '--json')
  t.is(JSON.parse(stdout)[0].mac, mac)
  await succeed(cluster.lab, 'vm1', ['ovs-vsctl', '--timeout=5', '--', '--if-exists', 'del-port', 'vnet0'])
})

// Neither Docker nor Podman is run here: a command of their names knows one container, a process in a namespace.
test.serial('Docker and Podman', async (t) => {
  const { cluster } = t.context
  const pid = await anonymous(t)
  const log = join(cluster.state, 'runtime.log')
  const script = [
    `echo "$*" >>${log}`,
    'case "$1" in',
    'run | rm) echo usr1-usr1-1 ;;',
    `inspect) [ "$*" = "inspect --type container --format {{.State.Pid}} -- usr1-usr1-1" ] && echo ${pid} ;;`,
    'esac',
  ].join('\n')
  fakeRuntimes(join(cluster.state, 'bin'), { docker: script, podman: script })
  for (const runtime of ['docker', 'podman']) {
    await run(t, [join(examples, 'docker/sluice-run'), runtime, id, 'debian', 'sleep', 'infinity'])
    await run(t, ['nsenter', `--net=/proc/${pid}/ns/net`, 'ping', '-c', '1', '-w', '5', '192.168.1.3'])
    t.deepEqual(await remains(cluster, 'vm1'), [`device ${portName(id)}`, `port ${portName(id)}`])
    await run(t, [join(examples, 'docker/sluice-rm'), runtime, id])
  }
  const said = readFileSync(log, 'utf8').split('\n')
  t.is(said[0], 'run --detach --network none --name usr1-usr1-1 debian sleep infinity')
})

test.serial('CNI: the configuration list as a runtime takes it apart', async (t) => {
  const { cluster } = t.context
  const name = await new Containers(t, cluster.name).add()
  const { plugins, ...shared } = JSON.parse(readFileSync(join(examples, 'cni/10-sluice.conflist'), 'utf8'))
  t.is(cniProgram.endsWith(`/${plugins[0].type}`), true)
  for (const [command, stdout] of [
    ['ADD', /"address":"192\.168\.1\.2\/24"/],
    ['DEL', /^$/],
  ] as const) {
    const env = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: 'c0ffee',
      CNI_NETNS: `/run/netns/${name}`,
      CNI_IFNAME: 'eth0',
      CNI_ARGS: 'K8S_POD_NAMESPACE=usr1;K8S_POD_NAME=usr1-1',
    }
    const input = JSON.stringify({ ...shared, ...plugins[0] })
    const answer = await cluster.lab.exec('vm1', [cniProgram], { env, input })
    t.is(answer.status, 0, answer.stdout)
    t.regex(answer.stdout, stdout)
  }
})
