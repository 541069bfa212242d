import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import anyTest, { type TestFn } from 'ava'
import { Lab, type LabPlan, openLab } from '../../src/lab/index.js'
import { hasEnded } from '../../src/lab/namespaces.js'
import {
  makeBridges,
  ping,
  place,
  remainsOf,
  rootLinks,
  succeed,
  twoHosts,
  workloads,
} from '../lab/cluster.js'
import { until } from './support/open-vswitch.js'

const test = anyTest as TestFn<{ links: string }>

test.before((t) => {
  t.context.links = rootLinks()
})
test.after((t) => t.is(rootLinks(), t.context.links))

test.serial('workloads reach each other, the underlay carries them, the outside answers', async (t) => {
  const { name, root } = place(t)
  const plan = twoHosts(name)
  const lab = await openLab(plan, { root })
  await makeBridges(lab)
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
  t.deepEqual(remainsOf(name), [])
  t.false(existsSync(lab.site.directory))
})

test.serial('exec hands back what the command said and how it ended', async (t) => {
  const { name, root } = place(t)
  const lab = await openLab({ name, hosts: [], gateways: [], place: {} }, { root })
  const exec = (script: string, timeoutMs?: number) =>
    lab.exec('controller', ['sh', '-c', script], timeoutMs === undefined ? {} : { timeoutMs })
  t.deepEqual(await exec('echo out; echo err >&2; exit 7'), { stdout: 'out\n', stderr: 'err\n', status: 7 })
  t.is((await exec('kill -TERM $$')).status, 143)
  await t.throwsAsync(exec('sleep 1000', 50), { code: 'timeout' })
  t.throws(() => lab.spawn('nowhere', ['true']), { code: 'unknown-name' })
  await lab.down()
  t.throws(() => lab.status(), { code: 'not-running' })
})

const survivor = `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print('ready', flush=True)
ctypes.CDLL(None).pthread_exit(None)
`

test.serial('a process has ended when its last thread has, and not only its first', async (t) => {
  const child = spawn('python3', ['-c', survivor], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { pid = 0 } = child
  const state = () => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  await once(child.stdout, 'data')
  await until('the first thread to end', () => state() === 'Z')
  t.false(hasEnded(pid))
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
  t.true(hasEnded(pid))
})

test.serial('the underlay address outlives ovs-vswitchd, a cut underlay is silent', async (t) => {
  const { name, root } = place(t)
  const lab = await openLab(twoHosts(name), { root })
  const vm1 = lab.host('vm1')
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const before = vm1.pid('ovs-vswitchd')
    await vm1.restartVswitchd(signal)
    t.not(vm1.pid('ovs-vswitchd'), before)
    await ping(t, lab, 'vm2', '162.105.175.60')
    await vm1.restartOvsdbServer(signal)
    await succeed(t, lab, 'controller', ['ovs-vsctl', '--db=tcp:162.105.175.60:6640', 'list-br'])
  }
  await vm1.cutUnderlay()
  t.is((await lab.exec('vm2', ['ping', '-c', '1', '-W', '1', '162.105.175.60'])).status, 1)
  await vm1.joinUnderlay()
  await ping(t, lab, 'vm2', '162.105.175.60')
})

test.serial('up makes only what is missing and removes only what is gone', async (t) => {
  const { name, root } = place(t)
  const plan = twoHosts(name)
  const lab = await openLab(plan, { root })
  await makeBridges(lab)
  await lab.plug(plan, workloads)
  const before = lab.status()
  const said: string[] = []
  const again = new Lab(name, { root, progress: (line) => said.push(line) })
  await again.up(plan)
  await again.plug(plan, workloads)
  t.deepEqual(said, [])
  t.deepEqual(lab.status(), before)

  // A third host, outside the prefix that covered the two, and a workload that moves with its processes.
  const sleeper = lab.spawn('c', ['sleep', '1000'])
  const wider: LabPlan = {
    ...plan,
    hosts: [...plan.hosts, { name: 'vm3', ovsdb: 'tcp:162.105.175.90:6640', tunnelIp: '162.105.175.90' }],
    place: { vm1: ['usr1/a', 'usr1/c'] },
  }
  await again.up(wider)
  await again.plug(wider, workloads)
  await ping(t, lab, 'vm3', '162.105.175.60')
  await ping(t, lab, 'c', '192.168.1.1')
  const after = lab.status()
  t.deepEqual(
    after.hosts.slice(0, 2).map(({ ovsdbServer, vswitchd }) => [ovsdbServer, vswitchd]),
    before.hosts.map(({ ovsdbServer, vswitchd }) => [ovsdbServer, vswitchd]),
  )
  t.deepEqual(
    after.workloads.map((workload) => [workload.name, workload.host]),
    [
      ['usr1/a', 'vm1'],
      ['usr1/c', 'vm1'],
    ],
  )
  t.is(sleeper.exitCode, null)
  t.true(after.complete)
  const ports = await succeed(t, lab, 'vm2', ['ovs-vsctl', 'list-ports', 'br-int'])
  t.is(ports, 'gre0\n')
  t.false(remainsOf(name).includes(`${name}.usr1.b`))
})

test.serial('hosts with IPv6 tunnels and a database on a socket', async (t) => {
  const { name, root } = place(t)
  const plan: LabPlan = {
    name,
    hosts: [
      { name: 'vm1', ovsdb: `unix:${root}/sockets/vm1`, tunnelIp: '2001:db8::60' },
      { name: 'vm2', ovsdb: 'tcp:[2001:db8::61]:6640', tunnelIp: '2001:db8::61', underlayMtu: 1400 },
    ],
    gateways: [],
    place: {},
  }
  const lab = await openLab(plan, { root })
  await ping(t, lab, 'vm1', '2001:db8::61')
  await lab.host('vm2').restartVswitchd()
  await succeed(t, lab, 'controller', ['ovs-vsctl', '--db=tcp:[2001:db8::61]:6640', 'list-br'])
  await succeed(t, lab, 'controller', ['ovs-vsctl', `--db=unix:${root}/sockets/vm1`, 'list-br'])
  t.regex(await succeed(t, lab, 'vm2', ['ip', 'link', 'show', 'br-underlay']), /mtu 1400/)
  await lab.down()
  t.false(existsSync(`${root}/sockets/vm1`))
})
