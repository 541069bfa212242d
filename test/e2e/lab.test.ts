import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import { Lab, type LabPlan, type LabWorkload, openLab } from '../../src/lab/index.js'

const test = anyTest as TestFn<{ links: string }>

const rootLinks = () => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' })
const namespaces = (name: string) =>
  execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith(`${name}.`))

test.before((t) => {
  t.context.links = rootLinks()
})
test.after((t) => t.is(rootLinks(), t.context.links))

const twoHosts = (name: string): LabPlan => ({
  name,
  hosts: [
    { name: 'vm1', ovsdb: 'tcp:162.105.175.60:6640', tunnelIp: '162.105.175.60' },
    { name: 'vm2', ovsdb: 'tcp:162.105.175.61:6640', tunnelIp: '162.105.175.61' },
  ],
  gateways: [{ name: 'campus', hosts: ['vm1'], bridge: 'br-ex' }],
  place: { vm1: ['usr1/a', 'usr1/b'], vm2: ['usr1/c'] },
  outside: { addresses: ['162.105.175.1/24'] },
})

const workload = (name: string, last: number): LabWorkload => ({
  id: `usr1/${name}`,
  interface: `usr1/${name}`,
  mac: `02:00:00:00:00:0${last}`,
  addresses: [`192.168.1.${last}/24`, `fd00:1::${last}/64`],
  gateways: ['192.168.1.254', 'fd00:1::fe'],
  mtu: 1458,
})
const workloads = [workload('a', 1), workload('b', 2), workload('c', 3)]

/** A lab of a name of its own in a directory of its own, and its end whatever the test does. */
function place(t: ExecutionContext): { name: string; root: string } {
  const name = `t${randomBytes(4).toString('hex')}`
  const root = mkdtempSync(join(tmpdir(), 'lab-'))
  t.teardown(async () => {
    await new Lab(name, { root }).down()
    rmSync(root, { recursive: true })
  })
  return { name, root }
}

/** What a controller would do: the workloads' bridge, here one that learns, and a GRE port to the other host. */
async function makeBridges(t: ExecutionContext, lab: Lab, hosts: Record<string, string>): Promise<void> {
  for (const [host, remote] of Object.entries(hosts)) {
    await succeed(t, lab, host, [
      ...['ovs-vsctl', 'add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev'],
      ...['--', 'add-port', 'br-int', 'gre0'],
      ...['--', 'set', 'Interface', 'gre0', 'type=gre', `options:remote_ip=${remote}`],
    ])
  }
}

async function succeed(t: ExecutionContext, lab: Lab, name: string, argv: string[]): Promise<string> {
  const { stdout, stderr, status } = await lab.exec(name, argv, { timeoutMs: 30_000 })
  t.is(status, 0, `${name}: ${argv.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

const ping = (t: ExecutionContext, lab: Lab, from: string, to: string) =>
  succeed(t, lab, from, ['ping', '-c', '2', '-i', '0.1', '-w', '10', to])

test('two hosts: workloads reach each other, the underlay carries them, the outside answers', async (t) => {
  const { name, root } = place(t)
  const plan = twoHosts(name)
  const lab = await openLab(plan, { root })
  await makeBridges(t, lab, { vm1: '162.105.175.61', vm2: '162.105.175.60' })
  await lab.plug(plan, workloads)

  await ping(t, lab, 'a', '192.168.1.2')
  await ping(t, lab, 'usr1/a', '192.168.1.3')
  await ping(t, lab, 'a', 'fd00:1::3')
  await ping(t, lab, 'controller', '162.105.175.61')
  await ping(t, lab, 'station', '162.105.175.1')

  // Through br-ex and its uplink.
  await succeed(t, lab, 'vm1', ['ip', 'address', 'add', '162.105.175.70/24', 'dev', 'br-ex'])
  await ping(t, lab, 'outside', '162.105.175.70')
  await ping(t, lab, 'station', '162.105.175.70')

  // TCP too: checksums are whole.
  lab.spawn('c', ['iperf3', '-s', '-1', '-p', '5001'])
  await succeed(t, lab, 'c', ['sh', '-c', 'until ss -ltn | grep -q 5001; do sleep 0.05; done'])
  await succeed(t, lab, 'a', ['iperf3', '-c', '192.168.1.3', '-p', '5001', '-n', '1M'])

  // The controller reaches each database by its address, hosts speak for themselves without options.
  t.regex(
    await succeed(t, lab, 'controller', ['ovs-vsctl', '--db=tcp:162.105.175.61:6640', 'list-br']),
    /br-int/,
  )
  t.regex(await succeed(t, lab, 'vm1', ['ovs-ofctl', 'dump-flows', 'br-int']), /NORMAL/)
  t.regex(await succeed(t, lab, 'vm2', ['ovs-appctl', 'version']), /ovs-vswitchd/)
  const ports = await succeed(t, lab, 'vm1', [
    'ovs-vsctl',
    '--bare',
    '--columns=external_ids',
    'list',
    'Interface',
  ])
  t.regex(ports, /attached-mac=02:00:00:00:00:01 iface-id=usr1\/a/)

  await lab.down()
  t.deepEqual(namespaces(name), [])
  t.false(existsSync(lab.site.directory))
})
