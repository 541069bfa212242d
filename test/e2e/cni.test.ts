import anyTest, { type TestFn } from 'ava'
import { portName } from '../../src/attach/index.js'
import { Containers, ip, remains } from './support/attaching.js'
import { succeed, until } from './support/open-vswitch.js'
import { cniProgram } from './support/programs.js'
import { TestCluster } from './support/test-cluster.js'

const test = anyTest as TestFn<{ cluster: TestCluster; name: string }>
const id = 'usr1/usr1-1'
const port = portName(id)

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
test.afterEach.always(async (t) => {
  await ip('netns', 'del', t.context.name)
  t.deepEqual(await remains(t.context.cluster, 'vm1'), [])
})

const config = { cniVersion: '1.0.0', name: 'cluster', type: 'sluice-cni' }

interface Call {
  readonly command: string
  readonly config?: object
  /** Variables besides those of a whole call; undefined leaves one out. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** One call of the plugin inside host vm1, as a runtime makes it. */
async function call(
  { cluster, name }: { cluster: TestCluster; name: string },
  { command, config: own, env }: Call,
) {
  const whole: Record<string, string | undefined> = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: 'c0ffee',
    CNI_NETNS: `/run/netns/${name}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/opt/cni/bin',
    CNI_ARGS: `IgnoreUnknown=1;SLUICE_WORKLOAD=${id}`,
    ...env,
  }
  const { stdout, status } = await cluster.lab.exec('vm1', [process.execPath, cniProgram], {
    input: JSON.stringify({ ...config, ...own }),
    env: whole,
  })
  return { status, result: stdout === '' ? undefined : JSON.parse(stdout) }
}

test.serial('ADD, CHECK, DEL', async (t) => {
  const { cluster, name } = t.context
  const added = await call(t.context, { command: 'ADD' })
  t.deepEqual(added, {
    status: 0,
    result: {
      cniVersion: '1.0.0',
      interfaces: [{ name: port }, { name: 'eth0', mac: '00:16:3e:0c:07:73', sandbox: `/run/netns/${name}` }],
      ips: [{ address: '192.168.1.2/24', gateway: '192.168.1.1', interface: 1 }],
      routes: [{ dst: '0.0.0.0/0', gw: '192.168.1.1' }],
      dns: {},
    },
  })
  t.regex(await ip('netns', 'exec', name, 'ping', '-c', '2', '-w', '5', '192.168.1.3'), / 2 received/)

  const check = (prevResult = added.result) => call(t.context, { command: 'CHECK', config: { prevResult } })
  t.deepEqual(await check(), { status: 0, result: undefined })
  const elsewhere = { ...added.result, ips: [{ address: '192.168.1.77/24', interface: 1 }] }
  t.is((await check(elsewhere)).result.msg, 'not as it was attached: address 192.168.1.77/24')
  await ip('-n', name, 'address', 'del', '192.168.1.2/24', 'dev', 'eth0')
  const differs = await check()
  t.deepEqual([differs.status, differs.result.code], [1, 102])
  // A second ADD puts right what is wrong.
  t.deepEqual((await call(t.context, { command: 'ADD' })).result, added.result)
  t.is((await check()).status, 0)
  await succeed(cluster.lab, 'vm1', ['ovs-vsctl', 'del-port', port])
  t.is((await check()).result.msg, `not as it was attached: port of ${id}`)

  for (const _ of ['once', 'twice'])
    t.deepEqual(await call(t.context, { command: 'DEL' }), { status: 0, result: undefined })
  t.is((await check()).result.code, 102)
})

test.serial(
  'DEL knows its attachment without namespace and workload, and leaves that of a successor',
  async (t) => {
    const { cluster } = t.context
    t.is((await call(t.context, { command: 'ADD' })).status, 0)
    const bare = { CNI_ARGS: undefined, CNI_NETNS: undefined }
    t.is((await call(t.context, { command: 'DEL', env: { ...bare, CNI_CONTAINERID: 'other' } })).status, 0)
    t.is((await remains(cluster, 'vm1')).length, 2)
    t.is((await call(t.context, { command: 'DEL', env: bare })).status, 0)
    t.deepEqual(await remains(cluster, 'vm1'), [])

    // A pod is made anew before its predecessor is cleaned away.
    const next = await new Containers(t, cluster.name).add()
    const successor = { CNI_CONTAINERID: 'decade', CNI_NETNS: `/run/netns/${next}` }
    t.is((await call(t.context, { command: 'ADD' })).status, 0)
    t.is((await call(t.context, { command: 'ADD', env: successor })).status, 0)
    t.is((await call(t.context, { command: 'DEL' })).status, 0)
    t.regex(await ip('netns', 'exec', next, 'ping', '-c', '2', '-w', '5', '192.168.1.3'), / 2 received/)
    t.is((await call(t.context, { command: 'DEL', env: successor })).status, 0)
  },
)

test.serial('GC removes what no container has any more', async (t) => {
  const { cluster } = t.context
  const gc = (...valid: readonly string[]) =>
    call(t.context, {
      command: 'GC',
      config: {
        cniVersion: '1.1.0',
        'cni.dev/valid-attachments': valid.map((containerID) => ({ containerID, ifname: 'eth0' })),
      },
    })
  t.is(
    (await call(t.context, { command: 'ADD', config: { cniVersion: '1.1.0' } })).result.interfaces[1].mtu,
    1458,
  )
  t.deepEqual(await gc('c0ffee', 'other'), { status: 0, result: undefined })
  t.is((await remains(cluster, 'vm1')).length, 2)
  t.deepEqual(await gc('other'), { status: 0, result: undefined })
  t.deepEqual(await remains(cluster, 'vm1'), [])
})

test.serial('STATUS says whether anything can be attached', async (t) => {
  const { cluster } = t.context
  const status = (own = {}) => call(t.context, { command: 'STATUS', config: { cniVersion: '1.1.0', ...own } })
  t.deepEqual(await status(), { status: 0, result: undefined })
  t.is((await status({ bridge: 'br-none' })).result.code, 50)
  const host = cluster.lab.host('vm1')
  await host.stop('ovs-vswitchd')
  t.is((await status()).result.code, 50)
  await host.start('ovs-vswitchd')
  t.is((await status()).status, 0)
  t.is((await status({ db: 'unix:/nowhere' })).result.code, 50)
  await cluster.converge()
})

test.serial('a pod is the workload of its namespace and name', async (t) => {
  const env = { CNI_ARGS: 'K8S_POD_NAMESPACE=usr1;K8S_POD_NAME=usr1-1;K8S_POD_INFRA_CONTAINER_ID=c0ffee' }
  t.is((await call(t.context, { command: 'ADD', env })).result.ips[0].address, '192.168.1.2/24')
  t.is((await call(t.context, { command: 'DEL', env })).status, 0)
  const byArgs = { args: { cni: { workload: id } } }
  const env2 = { CNI_ARGS: '' }
  t.is((await call(t.context, { command: 'ADD', config: byArgs, env: env2 })).status, 0)
  t.is((await call(t.context, { command: 'DEL', config: byArgs, env: env2 })).status, 0)
})

test.serial('errors are those of the specification', async (t) => {
  const { cluster, name } = t.context
  const cases: readonly (Call & { readonly code: number; readonly msg: RegExp })[] = [
    { command: 'ADD', config: { cniVersion: '0.2.0' }, code: 1, msg: /CNI version 0\.2\.0 is not supported/ },
    { command: 'ADD', config: { ipam: { type: 'host-local' } }, code: 2, msg: /ipam is not supported/ },
    { command: 'ADD', env: { CNI_NETNS: '/run/netns/no-such' }, code: 3, msg: /no network namespace/ },
    {
      command: 'ADD',
      env: { CNI_NETNS: undefined, CNI_IFNAME: 'a/b' },
      code: 4,
      msg: /^missing or wrong: CNI_IFNAME, CNI_NETNS$/,
    },
    { command: 'DEL', env: { CNI_CONTAINERID: '' }, code: 4, msg: /^missing or wrong: CNI_CONTAINERID$/ },
    { command: 'ADD', env: { CNI_NETNS: '/proc/self/ns/net' }, code: 4, msg: /of the host itself/ },
    { command: 'PROBE', code: 4, msg: /CNI_COMMAND is PROBE/ },
    { command: 'ADD', config: { name: undefined }, code: 7, msg: /name is missing/ },
    { command: 'ADD', config: { db: 'nowhere' }, code: 7, msg: /db nowhere cannot be dialled/ },
    { command: 'ADD', config: { network: 'lan' }, code: 7, msg: /TENANT\/NETWORK/ },
    { command: 'ADD', env: { CNI_ARGS: undefined }, code: 7, msg: /which workload it is, nobody says/ },
    { command: 'CHECK', code: 7, msg: /prevResult is missing/ },
    { command: 'GC', code: 7, msg: /cni\.dev\/valid-attachments is missing/ },
    { command: 'ADD', config: { bridge: 'br-none' }, code: 11, msg: /no bridge br-none/ },
    {
      command: 'ADD',
      config: { db: 'unix:/nowhere' },
      code: 11,
      msg: /database unix:\/nowhere cannot be used/,
    },
  ]
  for (const { code, msg, ...each } of cases) {
    const { status, result } = await call(t.context, each)
    t.deepEqual(
      [status, result?.code, Object.keys(result ?? {})],
      [1, code, ['cniVersion', 'code', 'msg', 'details']],
    )
    t.regex(result.msg, msg)
  }
  await ip('-n', name, 'tuntap', 'add', 'eth0', 'mode', 'tap')
  t.is((await call(t.context, { command: 'ADD' })).result.code, 101)
  const garbled = await cluster.lab.exec('vm1', [process.execPath, cniProgram], {
    input: '{',
    env: { CNI_COMMAND: 'ADD' },
  })
  t.is(JSON.parse(garbled.stdout).code, 6)

  await cluster.lab.stopController()
  t.is((await call(t.context, { command: 'ADD', env: { CNI_IFNAME: 'net1' } })).result.code, 11)
  await cluster.startController()
  await until(
    'the controller',
    async () => (await call(t.context, { command: 'ADD', env: { CNI_IFNAME: 'net1' } })).status === 0,
  )
  t.is((await call(t.context, { command: 'DEL', env: { CNI_IFNAME: 'net1' } })).status, 0)
})

test.serial('VERSION', async (t) => {
  const bare = { CNI_CONTAINERID: undefined, CNI_NETNS: undefined, CNI_IFNAME: undefined }
  for (const cniVersion of ['0.4.0', '1.0.0', '1.1.0'])
    t.deepEqual(await call(t.context, { command: 'VERSION', config: { cniVersion }, env: bare }), {
      status: 0,
      result: { cniVersion, supportedVersions: ['1.0.0', '1.1.0'] },
    })
})
