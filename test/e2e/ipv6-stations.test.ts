import test from 'ava'
import { linkLocal, routerMac } from '../../flows/addresses.js'
import { capture } from './support/capture.js'
import { Dhclient6 } from './support/dhclient6.js'
import { ethernet, icmp6, ipv4, ipv6, send, udp } from './support/frames.js'
import { succeed, until } from './support/open-vswitch.js'
import { Program } from './support/program.js'
import { ask } from './support/resolver.js'
import { TestCluster } from './support/test-cluster.js'

const http = '127.0.0.1:6680'
const router = linkLocal(routerMac)

/** usr1 has a network with DHCP, and one in which workloads form addresses by themselves; usr2 peers with usr1's first. */
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  args: ['--http', http],
  edit: (files) => {
    files.edit(
      'usr1.yaml',
      /^gateway: 192.*$/m,
      '$&\nsubnet6: 2001:db8:1::/64\ndhcp: {lease: 10, domain: lan.example.org}',
    )
    for (const n of [2, 3])
      files.edit('usr1.yaml', `ip: 192.168.1.${n}\n`, `ip: [192.168.1.${n}, "2001:db8:1::${n}"]\n`)
    files.write(
      'auto.yaml',
      'kind: Network\ntenant: usr1\nname: auto\nsubnet6: 2001:db8:2::/64\nslaac: true\n---\n' +
        'kind: Workload\ntenant: usr1\nname: auto-1\nnetwork: auto\nmac: 00:16:3e:00:00:0a\n',
    )
    for (const [tenant, peer] of [
      ['usr1', 'usr2'],
      ['usr2', 'usr1'],
    ])
      files.write(
        `peering-${tenant}.yaml`,
        `kind: Peering\ntenant: ${tenant}\nname: ${peer}\npeer: ${peer}\nnetworks: [lan]\n`,
      )
    files.edit('lab.yaml', /^ {2}vm2: .*$/m, '  vm2: [usr1/usr1-2, usr2/usr2-2, usr1/auto-1]')
  },
})
cluster.belongTo(test)
const { lab } = cluster
const formed = '2001:db8:2:0:216:3eff:fe00:a'

/** Puts a workload's device into the state that it has before anybody has configured it. */
async function plugAnew(name: string): Promise<void> {
  await succeed(lab, name, ['ip', 'link', 'set', 'eth0', 'down'])
  await succeed(lab, name, ['sysctl', '-qw', 'net.ipv6.conf.eth0.accept_ra=1'])
  await succeed(lab, name, ['ip', 'link', 'set', 'eth0', 'up'])
}

const ip6 = (name: string, ...argv: readonly string[]) => succeed(lab, name, ['ip', '-6', '-o', ...argv])
const routeOf = (name: string) => ip6(name, 'route', 'show', 'default')
const addressesOf = (name: string) => ip6(name, 'addr', 'show', 'dev', 'eth0', 'scope', 'global')

async function metrics(name: string): Promise<readonly string[]> {
  const script = `console.log(await (await fetch('http://${http}/metrics')).text())`
  const argv = [process.execPath, '--input-type=module', '-e', script]
  const text = await succeed(lab, 'controller', argv)
  return text.split('\n').filter((line) => line.startsWith(name))
}

test.serial('a kernel forms its address, and finds its router and MTU', async (t) => {
  const seen = await capture(lab, 'auto-1', 'icmp6[0] = 134', { verbose: true })
  await plugAnew('auto-1')
  await until('an address', async () => /2001/.test(await addressesOf('auto-1')))
  await until('no tentative address', async () => !/tentative/.test(await addressesOf('auto-1')))
  t.regex(await addressesOf('auto-1'), new RegExp(`^\\d+: eth0\\s+inet6 ${formed}/64 scope global dynamic`))
  t.regex(await routeOf('auto-1'), new RegExp(`via ${router} .*proto ra`))
  await seen.line(/rdnss option.*2001:db8:2::1/)
  await seen.line(/dnssl option.*auto\.usr1\.internal/)
  await seen.stop()
  t.deepEqual(await cluster.ping('auto-1', '2001:db8:1::3'), { sent: 3, received: 3 })
})

test.serial('a change of the files is told without a question', async (t) => {
  const mtu = async () => Number(await succeed(lab, 'auto-1', ['cat', '/proc/sys/net/ipv6/conf/eth0/mtu']))
  t.not(await mtu(), 1333)
  cluster.edit('auto.yaml', 'slaac: true\n', 'slaac: true\nmtu: 1333\n')
  await until('the new MTU', async () => (await mtu()) === 1333)
  t.true((await metrics('sluice_services_total')).some((line) => line.includes('outcome="unasked"')))
})

test.serial('where there is DHCP, an address comes from there, and is renewed', async (t) => {
  await plugAnew('usr1-1')
  await until('a route', async () => (await routeOf('usr1-1')).includes(`via ${router}`))
  t.is(await addressesOf('usr1-1'), '')
  const client = new Dhclient6(lab, 'usr1-1')
  t.teardown(() => client.stop())
  const { status, stderr } = await client.run()
  t.is(status, 0, stderr)
  const bound = client.told.find((line) => line.startsWith('BOUND6 ')) ?? ''
  t.regex(bound, /^BOUND6 2001:db8:1::2 names=2001:db8:1::1 search=lan\.example\.org\.? /)
  t.deepEqual(await cluster.ping('usr1-1', '2001:db8:1::3'), { sent: 3, received: 3 })
  await until('a renewal', () => client.told.some((line) => line.startsWith('RENEW6 2001:db8:1::2 ')))
  const server = / server=\S+/.exec(bound)?.[0] ?? ''
  t.not(server, '')

  await lab.stopController()
  await cluster.startController()
  await cluster.converge()
  const again = new Dhclient6(lab, 'usr1-1')
  t.teardown(() => again.stop())
  t.is((await again.run()).status, 0)
  t.true(again.told.some((line) => line.startsWith('BOUND6 2001:db8:1::2 ') && line.endsWith(server)))
  t.is((await again.run('-r')).status, 0)
})

test.serial('settings alone are told to whoever asks for them alone', async (t) => {
  const client = new Dhclient6(lab, 'usr1-1')
  t.teardown(() => client.stop())
  const { status, stderr } = await client.run('-S')
  t.is(status, 0, stderr)
  t.true(client.told.some((line) => /names=2001:db8:1::1 search=lan\.example\.org/.test(line)))
})

test.serial('names of workloads, at the router of every network', async (t) => {
  await plugAnew('auto-1')
  await until('an address', async () => /2001(?!.*tentative)/.test(await addressesOf('auto-1')))
  for (const [from, server, question, expected] of [
    ['usr1-1', '192.168.1.1', 'A usr1-2.lan.usr1.internal', '192.168.1.3'],
    ['usr1-2', '2001:db8:1::1', 'AAAA usr1-1.lan.usr1.internal', '2001:db8:1::2'],
    ['auto-1', '2001:db8:2::1', 'AAAA auto-1.auto.usr1.internal', formed],
    ['auto-1', '2001:db8:1::1', 'A USR1-1.lan.usr1.internal', '192.168.1.2'],
    ['usr1-1', '192.168.1.1', 'PTR 192.168.1.3', 'usr1-2.lan.usr1.internal'],
    ['usr1-2', '192.168.1.1', 'PTR 2001:db8:1::2', 'usr1-1.lan.usr1.internal'],
    // A peer's, in a network that takes part, and in one that does not.
    ['usr2-1', '192.168.2.1', 'A usr1-1.lan.usr1.internal', '192.168.1.2'],
    ['usr2-1', '192.168.2.1', 'AAAA auto-1.auto.usr1.internal', 'ENOTFOUND'],
    ['usr1-1', '192.168.1.1', 'A nobody.lan.usr1.internal', 'ENOTFOUND'],
    ['usr1-1', '192.168.1.1', 'AAAA usr2-1.lan.usr2.internal', 'ENODATA'],
    ['usr1-1', '192.168.1.1', 'A example.org', 'EREFUSED'],
  ] as const)
    t.is(await ask(lab, from, server, question), expected, `${from}: ${question}`)
})

test.serial('policy concerns questions for names, not how a workload gets its address', async (t) => {
  const egress = (rules: string) =>
    cluster.write('policy.yaml', `kind: Policy\ntenant: usr1\nname: quiet\nselect: {}\negress: ${rules}\n`)
  t.teardown(async () => {
    cluster.remove('policy.yaml')
    await cluster.converge()
  })
  egress('[]')
  await cluster.quiesce()
  t.is(await ask(lab, 'usr1-1', '192.168.1.1', 'A usr1-2.lan.usr1.internal'), 'ETIMEOUT')
  await plugAnew('usr1-1')
  await until('a route', async () => (await routeOf('usr1-1')).includes(`via ${router}`))
  const client = new Dhclient6(lab, 'usr1-1')
  t.teardown(() => client.stop())
  t.is((await client.run()).status, 0)
  egress('[{to: [{network: lan}], ports: [udp/53]}]')
  await cluster.converge()
  for (const server of ['192.168.1.1', '2001:db8:1::1'])
    t.is(await ask(lab, 'usr1-1', server, 'A usr1-2.lan.usr1.internal'), '192.168.1.3')
})

/** What only routers and DHCP servers send, from the workload usr1-1. */
const own = { mac: '00:16:3e:0c:07:73', link: 'fe80::216:3eff:fe0c:773', ip: '192.168.1.2' }
const foreign = {
  routerAdvertisement: ethernet(
    '33:33:00:00:00:01',
    own.mac,
    0x86dd,
    icmp6(own.link, 'ff02::1', 134, Buffer.from('400007080000000000000000', 'hex')),
  ),
  dhcp6Answer: ethernet(
    '33:33:00:00:00:01',
    own.mac,
    0x86dd,
    ipv6({ src: own.link, dst: 'ff02::1', protocol: 17 }, udp(547, 546, Buffer.from('07010203', 'hex'))),
  ),
}

test.serial('a workload that plays router or DHCP server is heard by nobody, and named', async (t) => {
  const others = await Promise.all(
    ['usr1-2', 'usr2-1', 'auto-1'].map((name) => capture(lab, name, `ether src ${own.mac}`)),
  )
  await send(lab, 'usr1-1', [...Object.values(foreign), ...Object.values(foreign)])
  await until('the counters', async () =>
    (await metrics('sluice_foreign_routers_total')).includes(
      'sluice_foreign_routers_total{workload="usr1/usr1-1"} 2',
    ),
  )
  t.deepEqual(await metrics('sluice_dhcp_foreign_servers_total{'), [
    'sluice_dhcp_foreign_servers_total{workload="usr1/usr1-1"} 2',
  ])
  t.regex(cluster.log, /usr1\/usr1-1 plays router; nobody hears it/)
  t.is((await cluster.ping('usr1-1', '192.168.1.3', 1)).received, 1)
  for (const [i, each] of others.entries()) {
    const lines = await each.stop()
    // In its own network it is heard with what it may say.
    const wrong = i === 0 ? lines.filter((line) => /router advertisement|dhcp6/.test(line)) : lines
    t.deepEqual(wrong, [])
  }
})

test.serial('nobody hears dnsmasq as router and DHCPv6 server, and the right ones are heard', async (t) => {
  const foreignCount = 'sluice_foreign_routers_total{workload="usr1/usr1-2"} '
  const ear = await capture(lab, 'usr1-1', 'icmp6[0] = 134 or udp port 546')
  const dnsmasq = await Program.start(
    lab,
    'usr1-2',
    [
      ...['dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--port=0', '--user=root', '--pid-file='],
      ...['--interface=eth0', '--leasefile-ro', '--enable-ra', '--log-dhcp'],
      '--dhcp-range=2001:db8:1::100,2001:db8:1::1ff,64,1h',
    ],
    /router advertisement on/,
  )
  t.teardown(() => dnsmasq.stop())
  await until('its advertisements to be counted', async () =>
    (await metrics('sluice_foreign_routers_total')).some((line) => line.startsWith(foreignCount)),
  )
  await plugAnew('usr1-1')
  await until('a route', async () => (await routeOf('usr1-1')).includes(`via ${router}`))
  const client = new Dhclient6(lab, 'usr1-1')
  t.teardown(() => client.stop())
  t.is((await client.run()).status, 0)
  t.true(client.told.some((line) => line.startsWith('BOUND6 2001:db8:1::2 ')))
  t.deepEqual((await routeOf('usr1-1')).match(/via \S+/g), [`via ${router}`])
  const heard = await ear.stop()
  t.true(heard.length >= 2)
  for (const line of heard) t.true(line.startsWith(`${routerMac} > `), line)
})

test.serial('what cannot be understood is counted and named, and stops nothing', async (t) => {
  const frame6 = (port: number, dst: string, data: string) =>
    ethernet(
      '33:33:00:01:00:02',
      own.mac,
      0x86dd,
      ipv6({ src: own.link, dst, protocol: 17 }, udp(546, port, Buffer.from(data, 'hex'))),
    )
  const question = ipv4(
    { src: own.ip, dst: '192.168.1.1', protocol: 17 },
    udp(4000, 53, Buffer.from('00', 'hex')),
  )
  const cut = icmp6(own.link, 'ff02::2', 133, Buffer.from('000000000100', 'hex'))
  await send(lab, 'usr1-1', [
    frame6(547, 'ff02::1:2', '01020304000100ff00'),
    ethernet(routerMac, own.mac, 0x0800, question),
    ethernet('33:33:00:00:00:02', own.mac, 0x86dd, cut),
  ])
  await until('the counters', async () => {
    const lines = await metrics('sluice_services_total')
    return (
      ['dhcp6', 'router-advertisements'].every((service) =>
        lines.includes(`sluice_services_total{service="${service}",outcome="malformed"} 1`),
      ) && lines.includes('sluice_services_total{service="names",outcome="malformed"} 1')
    )
  })
  t.regex(cluster.log, /malformed packet of usr1\/usr1-1 for dhcp6: an option is cut short/)
  t.is(await ask(lab, 'usr1-1', '192.168.1.1', 'A usr1-2.lan.usr1.internal'), '192.168.1.3')
})
