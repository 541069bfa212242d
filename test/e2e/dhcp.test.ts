/** Scenario S6: addresses by DHCP, asked for with ordinary clients. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { clientFrame, type } from '../support/dhcp-client.js'
import { Containers, onHost } from './support/attaching.js'
import { capture } from './support/capture.js'
import { dhclient, leaseOf, udhcpc } from './support/dhcp.js'
import { broadcast, ethernet, ipv4, send, udp } from './support/frames.js'
import { succeed, until } from './support/open-vswitch.js'
import { Program } from './support/program.js'
import { TestCluster } from './support/test-cluster.js'

const http = '127.0.0.1:6680'
const cluster = await TestCluster.start({
  scenario: 'bridges',
  args: ['--http', http],
  edit: (files) =>
    files.write('more.yaml', 'kind: Workload\ntenant: usr1\nname: plugged\nnetwork: inner\nip: 10.0.1.60\n'),
})
cluster.belongTo(test)
const { lab } = cluster

const server = '10.0.1.254'
const names = ['usr1-1', 'usr1-2', 'usr1-3']
const macs = new Map<string, string>()

test.before(async () => {
  for await (const { name, mac } of cluster.client.get('workload')) macs.set(name, String(mac))
})

/** What a metric says, with its labels as they are written. */
async function metric(name: string): Promise<number> {
  const program = `console.log(await (await fetch('http://${http}/metrics')).text())`
  const text = await succeed(lab, 'controller', [process.execPath, '--input-type=module', '-e', program])
  const line = text.split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}

const macOf = (name: string) => macs.get(name) ?? ''
const addresses = async (name: string) =>
  (await succeed(lab, name, ['ip', '-4', '-o', 'addr', 'show', 'dev', 'eth0'])).match(
    /\d+\.\d+\.\d+\.\d+\/\d+/g,
  )

test.serial('udhcpc gets address, mask, router, DNS, domain, MTU and lease', async (t) => {
  const expected = (address: string, name: string) =>
    `bound address=${address}/24 router=${server} dns=192.168.2.2 domain=inner.example.org mtu=1450 hostname=${name} lease=3600 routes= server=${server}`
  for (const [index, name] of names.entries()) {
    const address = ['10.0.1.100', '10.0.1.101', '10.0.1.50'][index] ?? ''
    t.is(await leaseOf(cluster, name), expected(address, name))
    t.deepEqual(await addresses(name), [`${address}/24`])
  }
  t.regex(cluster.log, /usr1\/usr1-3 has leased 10\.0\.1\.50 for 3600 s/)
})

test.serial(
  'with it the workload reaches its router, the gateway, the next hop, and the others',
  async (t) => {
    for (const to of [server, '192.168.2.140', '192.168.2.2', '10.0.1.101', '10.0.1.50'])
      t.deepEqual(await cluster.ping('usr1-1', to), { sent: 3, received: 3 }, to)
  },
)

test.serial('nobody else hears what a client asks, nor what it is told', async (t) => {
  const ears = await Promise.all(['usr1-2', 'usr1-3'].map((name) => capture(lab, name, 'udp')))
  const own = await capture(lab, 'usr1-1', 'udp port 68')
  const asks = { type: type.discover, mac: macOf('usr1-1'), broadcast: true, transaction: 0x0badcafe }
  await send(lab, 'usr1-1', [clientFrame(asks)])
  t.regex(
    await own.line(/BOOTP/),
    new RegExp(`^${routerMac} > ${broadcast}.*10.0.1.254.67 > 255.255.255.255.68`),
  )
  // A broadcast that all may hear tells that nothing is on its way any more.
  const hello = ipv4({ src: '10.0.1.100', dst: '255.255.255.255', protocol: 17 }, udp(1111, 2222))
  await send(lab, 'usr1-1', [ethernet(broadcast, macOf('usr1-1'), 0x0800, hello)])
  for (const ear of ears) {
    await ear.line(/1111 > 255\.255\.255\.255\.2222/)
    t.is((await ear.stop()).length, 1)
  }
  t.is((await own.stop()).length, 1)
})

test.serial('a policy that lets nothing pass lets a workload have its lease', async (t) => {
  const nothing = 'kind: Policy\ntenant: usr1\nname: nothing\nselect: {}\ningress: []\negress: []\n'
  cluster.write('policy.yaml', nothing)
  await cluster.quiesce()
  t.deepEqual(await cluster.ping('usr1-1', '10.0.1.101'), { sent: 3, received: 0 })
  t.regex(await leaseOf(cluster, 'usr1-1'), /^bound address=10\.0\.1\.100\/24 /)
  cluster.remove('policy.yaml')
  await cluster.quiesce()
  t.deepEqual(await cluster.ping('usr1-1', '10.0.1.101'), { sent: 3, received: 3 })
})

test.serial('a lease is renewed at the server, across a restart of the controller', async (t) => {
  const client = await Program.start(lab, 'usr1-1', udhcpc(cluster), /^bound /)
  client.signal('SIGUSR1')
  t.regex(await client.line(/^renew /), /^renew address=10\.0\.1\.100\/24 .* lease=3600/)
  await lab.stopController('SIGKILL')
  t.deepEqual(await cluster.ping('usr1-1', '192.168.2.2'), { sent: 3, received: 3 })
  await cluster.startController()
  await cluster.converge()
  const before = client.lines.length
  client.signal('SIGUSR1')
  await until('a renewal', async () => client.lines.slice(before).some((line) => line.startsWith('renew ')))
  t.regex(client.lines.at(-1) ?? '', /^renew address=10\.0\.1\.100\/24 /)
  await client.stop('SIGTERM')
  t.true((await metric('sluice_dhcp_answers_total{type="ack"}')) >= 1)
})

test.serial('dhclient gets it all too, renews by itself, and hears of a new domain then', async (t) => {
  cluster.edit('usr1.yaml', 'lease: 1h', 'lease: 10')
  await cluster.converge()
  await succeed(lab, 'usr1-2', ['ip', 'addr', 'flush', 'dev', 'eth0'])
  const client = await dhclient(cluster, 'usr1-2')
  t.is(
    await client.line(/^BOUND|^REBOOT/),
    `BOUND address=10.0.1.101 mask=255.255.255.0 router=${server} dns=192.168.2.2 domain=inner.example.org mtu=1450 hostname=usr1-2 lease=10`,
  )
  cluster.edit('usr1.yaml', 'domain: inner', 'domain: other')
  t.regex(
    await client.line(/^RENEW/, 20_000),
    /address=10\.0\.1\.101 .* domain=other\.example\.org .* lease=10/,
  )
  t.deepEqual(await cluster.ping('usr1-2', '192.168.2.2'), { sent: 3, received: 3 })
  await client.stop('SIGTERM')
  cluster.edit('usr1.yaml', 'lease: 10', 'lease: 1h')
  await cluster.converge()
})

test.serial(
  'a workload with another address than the files give it is refused, and gets the right one',
  async (t) => {
    const client = await Program.start(lab, 'usr1-3', udhcpc(cluster), /^bound address=10\.0\.1\.50/)
    cluster.edit('usr1.yaml', 'ip: 10.0.1.50', 'ip: 10.0.1.51')
    await cluster.converge()
    client.signal('SIGUSR1')
    await client.line(/^nak /)
    t.regex(await client.line(/^bound address=10\.0\.1\.51/), / lease=3600/)
    await client.stop('SIGTERM')
    t.deepEqual(await cluster.ping('usr1-1', '10.0.1.51'), { sent: 3, received: 3 })
  },
)

test.serial('a foreign server is shut out, and named', async (t) => {
  const leases = join(cluster.directory, '.dnsmasq.leases')
  const dnsmasq = await Program.start(
    lab,
    'usr1-3',
    [
      ...['dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--port=0', '--user=root', '--pid-file='],
      ...['--interface=eth0', '--bind-interfaces', '--dhcp-range=10.0.1.30,10.0.1.40,1h'],
      ...['--dhcp-authoritative', '--log-dhcp', `--dhcp-leasefile=${leases}`],
    ],
    /DHCP, IP range/,
  )
  const ear = await capture(lab, 'usr1-1', 'udp port 68')
  t.regex(await leaseOf(cluster, 'usr1-1'), /^bound address=10\.0\.1\.100\/24 /)
  // From another port than a client's it is a broadcast like any other: dnsmasq hears it and answers.
  const discover = clientFrame({ type: type.discover, mac: macOf('usr1-1') }, { src: '10.0.1.100' })
  discover.writeUInt16BE(1068, 34)
  await send(lab, 'usr1-1', [discover])
  await dnsmasq.line(/DHCPOFFER/)
  const forged = ipv4({ src: '10.0.1.51', dst: '10.0.1.100', protocol: 17 }, udp(6767, 68))
  await send(lab, 'usr1-3', [ethernet(macOf('usr1-1'), macOf('usr1-3'), 0x0800, forged)])
  const foreign = 'sluice_dhcp_foreign_servers_total{workload="usr1/usr1-3"}'
  await until('both to be counted', async () => (await metric(foreign)) >= 2)
  t.regex(cluster.log, /usr1\/usr1-3 plays DHCP server; nobody hears it/)
  t.regex(await leaseOf(cluster, 'usr1-1'), /^bound address=10\.0\.1\.100\/24 /)
  const heard = await ear.stop()
  t.true(heard.length >= 4)
  for (const line of heard) t.true(line.startsWith(`${routerMac} > `), line)
  await dnsmasq.stop()
  rmSync(leases, { force: true })
})

test.serial('another MAC gets no answer, and what is malformed is counted', async (t) => {
  const ear = await capture(lab, 'usr1-1', 'udp port 68')
  const mac = macOf('usr1-1')
  const stranger = '0a:00:00:00:00:99'
  const broken = clientFrame({ type: type.discover, mac })
  broken.writeUInt32BE(0, 14 + 20 + 8 + 236)
  await send(lab, 'usr1-1', [
    clientFrame({ type: type.discover, mac: stranger }),
    clientFrame({ type: type.discover, mac: stranger }, { from: mac }),
    clientFrame({ type: type.discover, mac }, { from: stranger }),
    broken,
  ])
  const ignored = (reason: string) => metric(`sluice_dhcp_ignored_total{reason="${reason}"}`)
  await until(
    'both to be counted',
    async () => (await ignored('malformed')) === 1 && (await ignored('foreign-mac')) === 1,
  )
  t.regex(cluster.log, /usr1\/usr1-1 asks for an address for 0a:00:00:00:00:99, in vain/)
  t.regex(cluster.log, /malformed DHCP message of usr1\/usr1-1: no DHCP cookie/)
  await send(lab, 'usr1-1', [clientFrame({ type: type.discover, mac })])
  await ear.line(/BOOTP/)
  t.is((await ear.stop()).length, 1)
})

test.serial(
  'what is plugged in without an address gets it by DHCP; plugged in again it keeps it',
  async (t) => {
    const name = await new Containers(t, cluster.name).add()
    const usage = ['attach', 'usr1/plugged', '--netns', name, '--dhcp', '--address', '10.0.1.60/24']
    t.is((await onHost(cluster, 'vm2', usage)).status, 2)
    const plug = () => onHost(cluster, 'vm2', ['attach', 'usr1/plugged', '--netns', name, '--dhcp', '--json'])
    const { status, stdout, stderr } = await plug()
    t.is(status, 0, stderr)
    t.like(JSON.parse(stdout), { addresses: [], gateways: [], mtu: 1450 })
    const inside = (...argv: readonly string[]) => succeed(lab, 'vm2', ['ip', 'netns', 'exec', name, ...argv])
    t.regex(await inside(...udhcpc(cluster, '-q')), /^bound address=10\.0\.1\.60\/24 /m)
    t.is((await plug()).status, 0)
    t.regex(await inside('ping', '-c', '2', '-i', '0.1', '-w', '5', '192.168.2.2'), / 2 received/)
    t.is((await onHost(cluster, 'vm2', ['detach', 'usr1/plugged'])).status, 0)
  },
)
