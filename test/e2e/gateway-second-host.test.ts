/** What scenarios S2, S3, S4 and S9 ask of a gateway, on its second host when the first has died, by both IP versions. */
import test, { type ExecutionContext } from 'ava'
import { capture } from './support/capture.js'
import { GatewayPair } from './support/gateway-pair.js'
import { Goodput } from './support/goodput.js'
import { until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, dial, echo, refusal, transfer } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { hostDocument } from './support/wide.js'

const limitMbps = 8
const forward = (name: string, address: string) =>
  `---\nkind: PortForward\ntenant: usr1\nname: ${name}\naddress: "${address}"\nport: tcp/10080\nto: usr1-3:80\ngateway: campus\n`
const cluster = await TestCluster.start({
  scenario: 'floating-ip',
  edit: (files) => {
    files.edit('hosts.yaml', /$/, `---\n${hostDocument('vm3', '10.10.0.3')}`)
    files.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm3: [usr1/usr1-1]')
    files.edit('lab.yaml', /^ {2}address: .*$/m, '$&\n  address6: 2001:db8:ff::1/64')
    files.edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm1, vm2]')
    const wire6 = 'subnet6: "2001:db8:ff::/64"\naddress6: "2001:db8:ff::100"\nnextHop6: "2001:db8:ff::1"\n'
    files.edit('gateway.yaml', /$/, wire6)
    files.edit('usr1.yaml', /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    files.edit('usr1.yaml', /^ip: (\S+\.(\d))$/gm, 'ip: [$1, "2001:db8:1::$2"]')
    const floating6 =
      'tenant: usr1\nname: web6\naddress: "2001:db8:ff::103"\nworkload: usr1-2\ngateway: campus\n'
    const limit = `tenant: usr1\nname: out\ndirection: out\nscope: tenant\nrate: ${limitMbps}Mbps\ndscp: 10\n`
    files.edit('usr1.yaml', /$/, `---\nkind: FloatingIp\n${floating6}---\nkind: Bandwidth\n${limit}`)
    files.edit('usr1.yaml', /$/, forward('four', '16.158.1.100') + forward('six', '2001:db8:ff::100'))
  },
})
cluster.belongTo(test)
const { lab } = cluster
const pair = new GatewayPair(cluster, 'campus')
const [first, second] = [lab.host('vm1'), lab.host('vm2')] as const
const versions = [
  { floating: '16.158.1.103', gateway: '16.158.1.100', outside: '16.158.1.1' },
  { floating: '2001:db8:ff::103', gateway: '2001:db8:ff::100', outside: '2001:db8:ff::1' },
] as const
let port = 9000

test.before(async () => {
  const names = ['usr1-1', 'usr1-2', 'usr1-3', 'outside', 'station']
  await Promise.all(names.map((name) => settled(lab, name)))
  await pair.settled(first, second)
})

/** The address that a server outside sees of a workload. */
async function seenAs(name: string, to: string): Promise<string> {
  const server = await echo(lab, 'outside', ++port)
  try {
    const said = await (await dial(lab, name, to, port)).finish()
    if (!said.includes('connected')) throw new Error(`${name} to ${to}: ${said.join()}`)
    return (await server.line(/^from/)).split(' ')[1] ?? ''
  } finally {
    await server.stop()
  }
}

/** S3: a floating address, both ways, from inside too; and everybody else's. */
async function floatingAddress(t: ExecutionContext): Promise<void> {
  const server = await echo(lab, 'usr1-2', 8080)
  for (const { floating, gateway, outside } of versions) {
    for (const from of ['outside', 'usr1-1', 'usr1-2'])
      t.like(await transfer(lab, from, floating, 8080, 50_000), { intact: true }, `${from} to ${floating}`)
    for (const seen of [outside, gateway, floating])
      t.true(
        server.lines.some((line) => line.startsWith(`from ${seen} `)),
        `${seen}: ${server.lines.join()}`,
      )
    t.is(await seenAs('usr1-2', outside), floating)
    for (const other of ['usr1-1', 'usr1-3']) t.is(await seenAs(other, outside), gateway, other)
    // All namespaces of a machine share what its kernel lets out of ICMP errors.
    for (const [from, to] of [
      ['outside', floating],
      ['usr1-2', outside],
      ['usr1-1', outside],
      ['usr1-1', floating],
    ] as const)
      t.is(await refusal(lab, from, to, 9, 15_000), 'ECONNREFUSED', `${from} to ${to}`)
  }
  await server.stop()
}

/** S4: a published port, from outside, from another workload, and from oneself. */
async function publishedPort(t: ExecutionContext): Promise<void> {
  const server = await echo(lab, 'usr1-3', 80)
  for (const { gateway } of versions) {
    for (const from of ['outside', 'usr1-1', 'usr1-3'])
      t.like(await transfer(lab, from, gateway, 10_080, 50_000), { intact: true }, `${from} to ${gateway}`)
    t.is(await attempt(lab, 'outside', gateway, 80), 'ECONNREFUSED')
  }
  await server.stop()
}

/** S2 and S9: what the tenant may send, by one and by two, and its mark. */
async function rateAndMark(t: ExecutionContext): Promise<void> {
  const seconds = 5
  const together = async (what: string, from: readonly string[], send: (name: string) => Promise<number>) => {
    const measured = async () => (await Promise.all(from.map(send))).reduce((sum, each) => sum + each, 0)
    let rate = await measured()
    // Each is measured over its own seconds: they have to begin together.
    if (rate > 1.2 * limitMbps) rate = await measured()
    t.log(`${what} of ${from.join(' and ')}: ${rate.toFixed(2)} of ${limitMbps} Mbit/s`)
    t.true(rate >= 0.75 * limitMbps && rate <= 1.2 * limitMbps, `${rate} Mbit/s`)
  }
  const names = ['usr1-1', 'usr1-3']
  for (const { outside } of versions)
    await together('TCP', names, (name) => Goodput.tcp(lab, name, 'outside', outside, seconds))
  const udp = { seconds: 3, sentMbps: limitMbps }
  await together('UDP', names, (name) => Goodput.udp(lab, name, 'outside', versions[0].outside, udp))
  const sent = await capture(lab, 'outside', 'icmp[icmptype] == icmp-echo', { verbose: true })
  await cluster.ping('usr1-1', versions[0].outside)
  t.regex(await sent.line(/tos 0x/), /tos 0x28,/)
  await sent.stop()
}

test.serial('the second host takes over, and announces all addresses', async (t) => {
  const arps = await capture(lab, 'station', 'arp and ether dst ff:ff:ff:ff:ff:ff')
  await first.stop('ovs-vswitchd', 'SIGKILL')
  for (const address of ['16\\.158\\.1\\.100', '16\\.158\\.1\\.103'])
    await arps.line(new RegExp(`Request who-has ${address} .*tell ${address}`), 30_000)
  await arps.stop()
  await until('vm2', async () => (await pair.view()).activeHost === 'vm2')
  t.is((await pair.view()).hostStates.vm1, 'down')
})

for (const [what, lines] of [
  ['a floating address', floatingAddress],
  ['a published port', publishedPort],
  ['a rate and a mark', rateAndMark],
] as const)
  test.serial(`on the second host: ${what}`, lines)
