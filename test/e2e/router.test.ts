/** What routers tell senders: hops used up, no route, nobody there, too large; and that nobody needs it to forward. */
import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { succeed, until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, datagram, echo, refusal, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

/** What the tunnel leaves of the underlay's 1500 bytes. */
const mtu = 1450
const narrow = 1300

const cluster = await TestCluster.start({
  scenario: 'floating-ip',
  edit: (files) => {
    files.edit('usr1.yaml', /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    files.edit('usr1.yaml', /^ip: (\S+\.(\d))$/gm, 'ip: [$1, "2001:db8:1::$2"]')
    files.edit(
      'gateway.yaml',
      /$/,
      'subnet6: "2001:db8:ff::/64"\naddress6: "2001:db8:ff::100"\nnextHop6: "2001:db8:ff::1"\n',
    )
    files.write(
      'more.yaml',
      `kind: FloatingIp
tenant: usr1
name: web6
address: "2001:db8:ff::103"
workload: usr1-2
gateway: campus
---
kind: PortForward
tenant: usr1
name: p10080
address: 16.158.1.100
port: tcp/10080
to: usr1-3:8080
gateway: campus
---
kind: Network
tenant: usr1
name: narrow
subnet: 192.168.5.0/24
subnet6: 2001:db8:5::/64
mtu: ${narrow}
---
kind: Workload
tenant: usr1
name: narrow-1
network: narrow
ip: [192.168.5.5, "2001:db8:5::5"]
---
kind: FloatingIp
tenant: usr1
name: narrow
address: 16.158.1.105
workload: narrow-1
gateway: campus
---
kind: Tenant
name: usr2
---
kind: Network
tenant: usr2
name: lan
subnet: 192.168.2.0/24
subnet6: 2001:db8:2::/64
---
kind: Workload
tenant: usr2
name: usr2-1
network: lan
ip: [192.168.2.2, "2001:db8:2::2"]
`,
    )
    files.edit('lab.yaml', /^ {2}vm2: .*$/m, '  vm2: [usr1/usr1-2, usr1/usr1-3, usr1/narrow-1, usr2/usr2-1]')
  },
  args: ['--log-level', 'debug'],
})
cluster.belongTo(test)
const { lab } = cluster

const outside = ['16.158.1.1', '2001:db8:ff::1'] as const
const gateway = ['16.158.1.100', '2001:db8:ff::100'] as const
const floating = ['16.158.1.103', '2001:db8:ff::103'] as const
const router = ['192.168.1.1', '2001:db8:1::1'] as const
/** Of narrow-1. */
const hairpin = '16.158.1.105'
const small = ['192.168.5.5', '2001:db8:5::5'] as const

test.before(async () => {
  await Promise.all(
    ['usr1-1', 'usr1-2', 'usr1-3', 'narrow-1', 'usr2-1', 'outside'].map((name) => settled(lab, name)),
  )
  for (const address of outside)
    await until(address, async () => (await cluster.ping('usr1-3', address, 1)).received === 1)
})

/** The stations that traceroute(8) shows, one for each hop. */
async function hops(
  from: string,
  to: string,
  flags: readonly string[] = [],
  most = 6,
): Promise<readonly string[]> {
  const argv = ['traceroute', '-n', '-q', '1', '-w', '2', '-N', '1', '-m', String(most), ...flags, to]
  const { stdout } = await lab.exec(from, argv)
  return stdout
    .split('\n')
    .slice(1)
    .flatMap((line) => line.trim().split(/\s+/)[1] ?? [])
}

test.serial('traceroute shows the router, the gateway and the station, by UDP and by ICMP', async (t) => {
  for (const flags of [[], ['-I']])
    for (const version of [0, 1] as const) {
      for (const from of ['usr1-1', 'usr1-3'])
        t.deepEqual(
          await hops(from, outside[version], flags),
          [router[version], gateway[version], outside[version]],
          `${from} ${flags}`,
        )
      t.deepEqual(await hops('outside', floating[version], flags), [gateway[version], floating[version]])
      t.deepEqual(await hops('usr1-1', small[version], flags), [router[version], small[version]])
      t.deepEqual(await hops('usr1-1', floating[version], flags), [
        router[version],
        gateway[version],
        floating[version],
      ])
      t.deepEqual(await hops('usr1-3', router[version], flags), [router[version]])
    }
})

test.serial('who sends where there is no route, or nobody, is told at once', async (t) => {
  for (const [from, to, code] of [
    ['usr2-1', '8.8.8.8', 'ENETUNREACH'],
    ['usr2-1', '2001:4860:4860::8888', 'ENETUNREACH'],
    ['usr1-1', '192.168.5.99', 'EHOSTUNREACH'],
    ['usr1-1', '2001:db8:5::99', 'EHOSTUNREACH'],
    ['usr1-3', '192.168.2.2', 'ENETUNREACH'],
    ['usr1-3', '2001:db8:2::2', 'ENETUNREACH'],
    ['usr1-1', '192.168.1.1', 'ECONNREFUSED'],
    ['usr1-1', '2001:db8:1::1', 'ECONNREFUSED'],
  ] as const)
    t.is(await attempt(lab, from, to, 80), code, `${from} to ${to}`)
  for (const address of router) t.is(await refusal(lab, 'usr1-1', address), 'ECONNREFUSED', address)
  const { stdout } = await lab.exec('usr1-3', ['ping', '-n', '-c', '1', '-W', '2', '192.168.2.2'])
  t.regex(stdout, /From 16\.158\.1\.100 .*Destination Net Unreachable/)
  const none = await lab.exec('usr1-1', ['ping', '-n', '-c', '1', '-W', '1', '192.168.5.255', '-b'])
  t.notRegex(none.stdout, /Unreachable/)
})

/** What ping(8) says of an echo request of so many bytes with its IP header, which must not be fragmented. */
async function unfragmented(from: string, to: string, bytes: number): Promise<string> {
  const head = to.includes(':') ? 48 : 28
  const argv = ['ping', '-n', '-M', 'do', '-c', '1', '-W', '2', '-s', String(bytes - head), to]
  const { stdout, stderr } = await lab.exec(from, argv)
  return `${stdout}${stderr}`
}

const forget = (...names: readonly string[]) =>
  Promise.all(
    names.map((name) => lab.exec(name, ['sh', '-c', 'ip route flush cache; ip -6 route flush cache'])),
  )

test.serial('path MTU discovery: into a network with a smaller MTU, and from outside', async (t) => {
  for (const [from, to, largest, by] of [
    ['usr1-1', small[0], narrow, router[0]],
    ['usr1-1', small[1], narrow, router[1]],
    ['usr1-3', small[0], narrow, router[0]],
    ['outside', floating[0], mtu, floating[0]],
    ['outside', floating[1], mtu, floating[1]],
    ['outside', hairpin, narrow, hairpin],
    ['usr1-3', hairpin, narrow, hairpin],
    ['usr1-1', hairpin, narrow, hairpin],
  ] as const) {
    t.regex(await unfragmented(from, to, largest), /1 received/, `${from} to ${to}`)
    const said = await unfragmented(from, to, largest + 1)
    t.regex(
      said,
      new RegExp(`From ${by} .*(Frag needed and DF set|Packet too big).*mtu ?= ?${largest}`),
      said,
    )
    t.regex((await lab.exec(from, ['ip', 'route', 'get', to])).stdout, new RegExp(`mtu ${largest}`))
  }
  await forget('outside', 'usr1-1', 'usr1-3')
})

test.serial('large datagrams and segments get through once their sender knows', async (t) => {
  const servers = [
    await udpEcho(lab, 'usr1-2', 5000),
    await udpEcho(lab, 'narrow-1', 5000),
    await echo(lab, 'usr1-2', 8080),
    await echo(lab, 'usr1-3', 8080),
    await echo(lab, 'narrow-1', 8080),
    await echo(lab, 'outside', 8080),
  ]
  // Who asks for larger segments than fit is sent what does not fit.
  for (const name of ['usr1-2', 'usr1-3', 'narrow-1'])
    for (const family of ['-4', '-6']) {
      const route = (await lab.exec(name, ['ip', family, 'route', 'show', 'default'])).stdout.trim()
      await lab.exec(name, ['sh', '-c', `ip ${family} route replace ${route.split('\n')[0]} advmss 1440`])
    }
  for (const version of [0, 1] as const) {
    for (const [from, to] of [
      ['outside', floating[version]],
      ['usr1-1', small[version]],
    ] as const) {
      await until(
        `${from} to ${to}`,
        async () => (await datagram(lab, from, to, 5000, 5000, 300)) === 'intact',
      )
      await forget(from)
      t.deepEqual(await transfer(lab, from, to, 8080, 300_000), { received: 300_000, intact: true }, to)
      t.regex((await lab.exec(from, ['ip', 'route', 'get', to])).stdout, /mtu 1(300|450)/)
    }
    await forget('outside')
    t.deepEqual(await transfer(lab, 'usr1-3', outside[version], 8080, 300_000), {
      received: 300_000,
      intact: true,
    })
    t.regex((await lab.exec('outside', ['ip', 'route', 'get', gateway[version]])).stdout, /mtu 1450/)
    await forget('outside')
  }
  t.deepEqual(await transfer(lab, 'outside', gateway[0], 10080, 300_000), { received: 300_000, intact: true })
  t.regex((await lab.exec('outside', ['ip', 'route', 'get', gateway[0]])).stdout, /mtu 1450/)
  for (const server of servers) await server.stop()
})

test.serial('an uplink that carries less than the networks is told of, by the gateway', async (t) => {
  const carry = (bytes: number) => lab.exec('vm1', ['ip', 'link', 'set', 'up-br-ex', 'mtu', String(bytes)])
  await carry(1400)
  for (const version of [0, 1] as const) {
    const told = new RegExp(
      `From ${gateway[version]} .*(Frag needed and DF set|Packet too big).*mtu ?= ?1400`,
    )
    await until('the uplink to be told of', async () =>
      told.test(await unfragmented('usr1-3', outside[version], 1401)),
    )
    t.regex(await unfragmented('usr1-3', outside[version], 1400), /1 received/)
  }
  await carry(1500)
  await forget('usr1-3')
  await until('the uplink to carry all again', async () =>
    /1 received/.test(await unfragmented('usr1-3', outside[0], mtu)),
  )
  await forget('usr1-3')
})

test.serial('ports that nobody has outside refuse, from outside and from inside', async (t) => {
  for (const address of gateway)
    for (const from of ['outside', 'usr1-1', 'usr1-3']) {
      t.is(await attempt(lab, from, address, 9), 'ECONNREFUSED', `${from} to ${address}`)
      t.is(await refusal(lab, from, address), 'ECONNREFUSED', `${from} to ${address}`)
    }
})

test.serial('where policy lets nothing in, answers to what was sent do come', async (t) => {
  cluster.write('policy.yaml', 'kind: Policy\ntenant: usr1\nname: closed\nselect: {}\ningress: []\n')
  await cluster.converge()
  for (const version of [0, 1] as const) {
    t.deepEqual(await hops('usr1-3', outside[version]), [router[version], gateway[version], outside[version]])
    t.deepEqual(await hops('usr1-3', small[version], [], 2), [router[version], '*'])
  }
  cluster.remove('policy.yaml')
  await cluster.converge()
})

test.serial('one cached flow carries packets of all sizes', async (t) => {
  const find = `ovs-vsctl --bare --columns=ofport find Interface 'external_ids:iface-id="usr1/usr1-3"'`
  const port = await succeed(lab, 'vm2', ['sh', '-c', find])
  const mac = await succeed(lab, 'usr1-3', ['cat', '/sys/class/net/eth0/address'])
  const flow = [
    `in_port=${port.trim()},udp,dl_src=${mac.trim()},dl_dst=${routerMac}`,
    `nw_src=192.168.1.4,nw_dst=${small[0]},nw_ttl=64,udp_src=4000,udp_dst=5000`,
  ].join()
  const stdout = await succeed(lab, 'vm2', ['ovs-appctl', 'ofproto/trace', 'br-int', flow])
  // A frame has 14 bytes more than its packet.
  const sizes = new RegExp(`check_pkt_len\\(size=${narrow + 14},gt\\(.*controller\\(.*\\),le\\(.*\\)\\)`)
  t.regex(/^Datapath actions: .*$/m.exec(stdout)?.[0] ?? stdout, sizes)
})

test.serial('answers are logged for who looks for them', async (t) => {
  t.regex(cluster.log, /"kind":"hopsExceeded".*told a sender/)
  t.regex(cluster.log, /"kind":"tooLarge".*told a sender/)
})

test.serial('without the controller all is forwarded, and only the answers are missing', async (t) => {
  await lab.stopController()
  t.deepEqual(await hops('usr1-3', outside[0]), ['*', '*', outside[0]])
  t.deepEqual(await cluster.ping('outside', floating[0]), { sent: 3, received: 3 })
  t.deepEqual(await cluster.ping('usr1-1', small[1]), { sent: 3, received: 3 })
  t.is(await attempt(lab, 'usr1-1', '192.168.5.99', 80), 'silence')
  t.notRegex(await unfragmented('outside', floating[0], mtu + 1), /Frag/)
  t.regex(await unfragmented('outside', floating[0], mtu), /1 received/)
  await lab.exec('station', ['ip', 'address', 'add', '16.158.1.240/24', 'dev', 'eth0'])
  const unknown = ['ping', '-n', '-q', '-c', '500', '-i', '0.002', '-I', '16.158.1.240', floating[0]]
  t.regex((await lab.exec('station', unknown)).stdout, /, (4[5-9]|50)\d received/, 'by the next hop')
})
