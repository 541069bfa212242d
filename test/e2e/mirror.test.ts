/** Copies of what a workload sends and gets, at another workload's port. */
import test, { type ExecutionContext } from 'ava'
import type { ObjectView } from '../../src/api/contract.js'
import { capture } from './support/capture.js'
import { until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'mirrors' })
cluster.belongTo(test)
const { lab } = cluster
const [web, guest] = ['192.168.1.2', '192.168.1.4']
/** What the tests send; not what stations say by themselves, whenever they like. */
const filter =
  '(icmp and icmp[icmptype] != icmp-unreach) or arp or udp port 7 or (icmp6 and (ip6[40] & 0xfe == 128 or ip6[40] == 135 or ip6[40] == 136))'
const mark = /\.7: UDP/

test.before(async () => {
  const names = ['usr1/web', 'usr1/client', 'guest']
  await Promise.all(names.map((name) => settled(lab, name)))
  // So that nobody asks for a neighbour again in the middle of a capture.
  for (const name of names)
    for (const version of ['ipv4', 'ipv6'])
      await lab.exec(name, ['sysctl', '-qw', `net.${version}.neigh.eth0.base_reachable_time_ms=3600000`])
})

/** A datagram that is the last one of a capture. */
const sendMark = (from: string, to: string) =>
  lab.exec(from, [
    'perl',
    '-MIO::Socket::INET',
    '-e',
    `IO::Socket::INET->new(Proto => "udp", PeerAddr => "${to}:7")->send("x")`,
  ])

/** Traffic of every sort between the workload and its neighbours, and of another tenant that looks the same. */
async function talk(t: ExecutionContext): Promise<void> {
  for (const name of ['usr1/web', 'usr1/client'])
    await lab.exec(name, ['ip', 'neigh', 'flush', 'dev', 'eth0'])
  const argv = ['ping', '-n', '-c', '3', '-i', '0.2', '-W', '5']
  const answers = await Promise.all([
    ...[web, '2001:db8:1::2'].map((to) => lab.exec('usr1/client', [...argv, to])),
    lab.exec('usr1/web', [...argv, guest]),
    lab.exec('usr2/client', [...argv, web]),
  ])
  for (const { stdout } of answers) {
    t.regex(stdout, / 3 received/)
    t.notRegex(stdout, /DUP/)
  }
}

/** Whether the receiver sees what a workload sends, gets, or both, frame by frame. */
async function sees(t: ExecutionContext, receiver: string, direction: 'in' | 'out' | 'both'): Promise<void> {
  const there = direction === 'both' ? 'inout' : direction
  const original = await capture(lab, 'usr1/web', filter, { direction: there })
  const copies = await capture(lab, receiver, filter)
  await talk(t)
  await sendMark(direction === 'out' ? 'usr1/web' : 'usr1/client', direction === 'out' ? guest : web)
  await Promise.all([original, copies].map((each) => each.line(mark, 30_000)))
  const expected = [...(await original.stop())].sort()
  t.deepEqual([...(await copies.stop())].sort(), expected)
  t.true(expected.length >= (direction === 'both' ? 20 : 10), expected.join('\n'))
  const count = (pattern: RegExp) => expected.filter((line) => pattern.test(line)).length
  t.is(count(/echo reply/), { in: 3, out: 6, both: 9 }[direction])
  if (direction !== 'in') t.true(count(/Request who-has/) > 0 && count(/neighbor solicitation/) > 0)
  if (direction !== 'out') t.true(count(/Reply .* is-at/) > 0 && count(/neighbor advertisement/) > 0)
}

async function mirrors(): Promise<readonly ObjectView[]> {
  const { stdout } = await cluster.sluice('get', 'mirrors', '--json')
  return JSON.parse(stdout)
}

test.serial('another host sees everything that a workload sends and gets, and nothing else', async (t) => {
  await sees(t, 'eye', 'both')
  await until('the copies to be counted', async () => Number((await mirrors())[0]?.packets) >= 20)
  const [mirror] = await mirrors()
  t.like(mirror, {
    id: 'mirror/usr1/web',
    to: 'usr1/eye',
    host: 'vm2',
    direction: 'both',
    workloads: ['usr1/web'],
  })
  t.true(Number(mirror?.bytes) > 20 * 42)
})

test.serial('what the controller tells a workload is copied too', async (t) => {
  const copies = await capture(lab, 'eye', 'icmp')
  const argv = ['ping', '-n', '-c', '1', '-t', '1', '-W', '5', '192.168.77.1']
  t.regex((await lab.exec('usr1/web', argv)).stdout, /exceeded/)
  await copies.line(/time exceeded/, 30_000)
  t.is((await copies.stop()).length, 2)
})

for (const direction of ['in', 'out'] as const)
  test.serial(`only what goes ${direction}`, async (t) => {
    cluster.edit('mirrors.yaml', /^direction: \w+/m, `direction: ${direction}`)
    await cluster.quiesce()
    await sees(t, 'eye', direction)
  })

test.serial('what policy denies is not got; what is sent and denied is seen', async (t) => {
  cluster.edit('mirrors.yaml', /^direction: \w+/m, 'direction: both')
  cluster.write(
    'policies.yaml',
    'kind: Policy\ntenant: usr1\nname: web\nselect: {role: web}\ningress: [{from: [{cidr: 192.168.1.3/32}]}]\negress: []\n',
  )
  await cluster.quiesce()
  const copies = await capture(lab, 'eye', filter)
  t.deepEqual(await cluster.ping('guest', web), { sent: 3, received: 0 })
  t.deepEqual(await cluster.ping('usr1/web', guest), { sent: 3, received: 0 })
  await sendMark('usr1/client', web)
  await copies.line(mark, 30_000)
  const lines = await copies.stop()
  t.is(lines.filter((line) => line.includes(`${web} > ${guest}: ICMP echo request`)).length, 3)
  t.is(lines.filter((line) => line.includes(`${guest} > ${web}`)).length, 0)
  cluster.remove('policies.yaml')
  await cluster.converge()
})

test.serial(
  'copies wait for a receiver that is plugged in nowhere, and follow it to another host',
  async (t) => {
    cluster.edit('lab.yaml', ', usr1/eye', '')
    await cluster.up()
    const waits =
      'mirror usr1/web waits for workload usr1/eye, which is plugged in nowhere: no copies are made'
    await until('the receiver to be missed', async () =>
      (await cluster.client.status()).warnings.includes(waits),
    )
    t.deepEqual(await cluster.ping('usr1/client', web), { sent: 3, received: 3 })
    cluster.edit('lab.yaml', 'usr1/client', 'usr1/client, usr1/eye')
    await cluster.up()
    await cluster.converge()
    t.deepEqual((await cluster.client.status()).warnings, [])
    await until('the line about it', () => cluster.log.includes('mirror usr1/web copies to usr1/eye on vm1'))
    await sees(t, 'eye', 'both')
  },
)

test.serial('each of two mirrors gets its copies, also while no controller runs', async (t) => {
  cluster.write(
    'more.yaml',
    'kind: Mirror\ntenant: usr1\nname: sent\nselect: {role: web}\nto: guest\ndirection: out\n',
  )
  await cluster.converge()
  await lab.stopController('SIGKILL')
  const second = await capture(lab, 'guest', 'icmp[icmptype] == icmp-echoreply and dst 192.168.1.3')
  await sees(t, 'eye', 'both')
  await second.line(/echo reply.* seq 3/, 30_000)
  t.is((await second.stop()).length, 3)
  await cluster.startController()
  await cluster.converge()
})

test.serial('a mirror that is gone copies nothing, and leaves no flow', async (t) => {
  const flows = async () =>
    Promise.all(['vm1', 'vm2'].map(async (host) => (await cluster.flows(host)).length))
  const [one = 0, two = 0] = await flows()
  cluster.remove('mirrors.yaml')
  cluster.remove('more.yaml')
  await cluster.quiesce()
  const [oneLess = 0, twoLess = 0] = await flows()
  // On vm1 are the workload and one receiver, on vm2 the other one.
  t.deepEqual([one - oneLess, two - twoLess], [11, 2])
  const copies = await capture(lab, 'eye', filter)
  t.deepEqual(await cluster.ping('usr1/client', web), { sent: 3, received: 3 })
  cluster.write('peer.yaml', 'kind: Workload\ntenant: usr1\nname: peer\nnetwork: watch\nip: 192.168.9.3\n')
  cluster.edit('lab.yaml', 'usr1/guest', 'usr1/guest, usr1/peer')
  await cluster.up()
  await cluster.converge()
  await sendMark('peer', '192.168.9.2')
  await copies.line(mark, 30_000)
  t.deepEqual(
    (await copies.stop()).filter((line) => line.includes('192.168.1.')),
    [],
  )
})
