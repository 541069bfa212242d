import test from 'ava'
import { capture } from './support/capture.js'
import { until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, datagram, echo, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const outside = '2001:db8:ff::1'
const outsideAddress = '2001:db8:ff::70'

const six = (name: string, network: string, ip?: string): string =>
  `---\nkind: Workload\ntenant: usr1\nname: ${name}\nnetwork: ${network}\n${ip ? `ip: ${ip}\n` : ''}`

/** usr1 has a network with both families, one with IPv6 only, and usr2 has the same blocks. */
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    for (const tenant of ['usr1', 'usr2']) {
      files.edit(`${tenant}.yaml`, /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
      for (const n of [2, 3])
        files.edit(
          `${tenant}.yaml`,
          new RegExp(`^ip: (192\\.168\\.\\d\\.${n})$`, 'm'),
          `ip: [$1, "2001:db8:1::${n}"]`,
        )
    }
    files.write(
      'six.yaml',
      [
        'kind: Network\ntenant: usr1\nname: six\nsubnet6: 2001:db8:2::/64\n',
        six('here', 'lan', '["192.168.1.9", "2001:db8:1::9"]'),
        six('six-1', 'six'),
        six('six-2', 'six', '"2001:db8:2::22"'),
      ].join(''),
    )
    files.edit(
      'gateway.yaml',
      /$/,
      `subnet6: 2001:db8:ff::/64\naddress6: ${outsideAddress}\nnextHop6: ${outside}\n`,
    )
    files.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm1: [usr1/usr1-1, usr2/usr2-1, usr1/here, usr1/six-1]')
    files.edit('lab.yaml', /^ {2}vm2: .*$/m, '  vm2: [usr1/usr1-2, usr2/usr2-2, usr1/six-2]')
    files.edit('lab.yaml', /^ {2}address: .*$/m, `$&\n  address6: ${outside}/64`)
  },
})
cluster.belongTo(test)
const { lab } = cluster

async function addressOf(name: string): Promise<string> {
  for await (const object of cluster.client.get('workload', name))
    return (
      [object.ip]
        .flat()
        .map(String)
        .find((ip) => ip.includes(':')) ?? ''
    )
  return ''
}

test.serial('a workload keeps the addresses that it was given', async (t) => {
  for (const name of ['usr1-1', 'usr1-2', 'six-1', 'six-2', 'usr2-1', 'here', 'usr2-2']) {
    const addresses = await settled(lab, name)
    t.notRegex(addresses, /tentative|dadfailed/, name)
    t.regex(addresses, /inet6 2001:db8:[12]::\S+ scope global/)
    t.regex(addresses, /inet6 fe80::\S+ scope link/)
  }
})

test.serial('workloads reach each other, the router and the outside', async (t) => {
  const seen = await capture(lab, 'outside', 'icmp6[0] = 128')
  const six1 = await addressOf('six-1')
  for (const [from, to] of [
    ['usr1-1', '2001:db8:1::9'],
    ['usr1-1', '2001:db8:1::3'],
    ['usr1-2', '2001:db8:1::9'],
    ['usr2-1', '2001:db8:1::3'],
    ['usr1-1', '2001:db8:1::1'],
    ['usr1-2', '2001:db8:2::1'],
    ['six-2', '2001:db8:2::1'],
    ['six-2', six1],
    ['usr1-2', '2001:db8:2::22'],
    ['usr1-2', six1],
    ['six-1', '2001:db8:1::3'],
  ] as const)
    t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 }, `${from} to ${to}`)
  t.deepEqual(seen.lines, [])
  for (const from of ['usr1-1', 'usr1-2', 'six-1', 'six-2', 'usr2-2'])
    t.deepEqual(await cluster.ping(from, outside), { sent: 3, received: 3 }, from)
  await until('all requests', () => seen.lines.length >= 15)
  const requests = await seen.stop()
  t.is(requests.length, 15)
  t.true(
    requests.every((line) => line.includes(`${outsideAddress} > ${outside}`)),
    requests.join('\n'),
  )
})

test.serial('each router on the way takes one of the hop limit', async (t) => {
  for (const [from, to, hops] of [
    ['usr1-1', '2001:db8:1::3', 0],
    ['usr1-1', '2001:db8:1::9', 0],
    ['usr1-1', '2001:db8:2::22', 1],
    ['six-1', '2001:db8:1::9', 1],
  ] as const) {
    const { stdout } = await lab.exec(from, ['ping', '-n', '-c', '1', '-W', '1', to])
    t.regex(stdout, new RegExp(`ttl=${64 - hops}`), `${from} to ${to}`)
  }
})

test.serial('solicitations are answered where they are asked', async (t) => {
  const others = ['usr1-2', 'here', 'six-1', 'usr2-1']
  const captures = await Promise.all(
    others.map((name) => capture(lab, name, 'icmp6[0] = 135 or icmp6[0] = 128')),
  )
  await lab.exec('usr1-1', ['ip', '-6', 'neigh', 'flush', 'dev', 'eth0'])
  for (const to of ['2001:db8:1::3', '2001:db8:1::9', '2001:db8:1::1', '2001:db8:1::77', 'fe80::1%eth0'])
    await cluster.ping('usr1-1', to, 1)
  const answered = await lab.exec('usr1-1', ['ip', '-6', 'neigh', 'show', 'dev', 'eth0'])
  t.regex(answered.stdout, /2001:db8:1::3 lladdr 00:16:3e:29:de:c9/)
  t.regex(answered.stdout, /2001:db8:1::1 lladdr \S+ router/)
  for (const each of captures) {
    const lines = await each.stop()
    t.deepEqual(
      lines.filter((line) => line.includes('neighbor solicitation')),
      [],
    )
  }
  t.true(captures[0]?.lines.some((line) => line.includes('echo request')))
})

test.serial('TCP and UDP arrive intact, at the other host and outside', async (t) => {
  const servers = await Promise.all(
    ['usr1-2', 'six-2', 'outside'].flatMap((at) => [echo(lab, at, 7000), udpEcho(lab, at, 7000)]),
  )
  t.teardown(() => Promise.all(servers.map((server) => server.stop())))
  for (const [from, to] of [
    ['usr1-1', '2001:db8:1::3'],
    ['usr1-1', '2001:db8:2::22'],
    ['six-2', outside],
    ['six-1', outside],
  ] as const) {
    t.deepEqual(
      await transfer(lab, from, to, 7000, 1_000_000),
      { received: 1_000_000, intact: true },
      `${from} to ${to}`,
    )
    t.is(await datagram(lab, from, to, 7000, 1200), 'intact', `${from} to ${to}`)
  }
})

test.serial('tenants with the same addresses stay apart, and the outside opens no connection', async (t) => {
  const right = await capture(lab, 'usr2-2', 'icmp6[0] = 128')
  const wrong = await capture(lab, 'usr1-2', 'icmp6[0] = 128 or tcp')
  t.deepEqual(await cluster.ping('usr2-1', '2001:db8:1::3'), { sent: 3, received: 3 })
  await until('all requests', () => right.lines.length >= 3)
  t.is((await right.stop()).length, 3)
  t.is((await cluster.ping('usr2-1', '2001:db8:2::22', 1)).received, 0)
  await lab.exec('outside', ['ip', '-6', 'route', 'replace', '2001:db8:1::/64', 'via', outsideAddress])
  const server = await echo(lab, 'usr1-2', 80)
  const drops = await cluster.drops(async () => {
    t.is(await attempt(lab, 'outside', '2001:db8:1::3', 80), 'silence')
    t.is(await attempt(lab, 'outside', outsideAddress, 80), 'ECONNREFUSED')
  })
  for (const table of ['outside', 'outside-tracked'])
    t.true(
      drops.some(({ flow }) => flow.tableName === table && flow.source?.object === 'gateway/campus'),
      table,
    )
  t.deepEqual(wrong.lines, [])
  t.is(await attempt(lab, 'usr1-1', '2001:db8:1::3', 80), 'connected')
  await wrong.line(/Flags \[S\]/)
  await Promise.all([wrong.stop(), server.stop()])
})
