import test, { type ExecutionContext } from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { capture } from './support/capture.js'
import { ethernet, ipv4, send, udp } from './support/frames.js'
import { TestCluster } from './support/test-cluster.js'

const network = (tenant: string, name: string, subnet: string, more = ''): string =>
  `---\nkind: Network\ntenant: ${tenant}\nname: ${name}\nsubnet: ${subnet}\n${more}`
const workload = (tenant: string, of: string, name: string, ip: string): string =>
  `---\nkind: Workload\ntenant: ${tenant}\nname: ${name}\nnetwork: ${of}\nip: ${ip}\n`

/** usr1 has a second network, and one that its router does not join; usr2 has a second one too. */
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.write(
      'more.yaml',
      [
        network('usr1', 'db', '192.168.11.0/24'),
        workload('usr1', 'db', 'db-1', '192.168.11.5'),
        workload('usr1', 'db', 'db-2', '192.168.11.6'),
        network('usr1', 'island', '192.168.12.0/24', 'routed: false\n'),
        workload('usr1', 'island', 'island-1', '192.168.12.5'),
        workload('usr1', 'island', 'island-2', '192.168.12.6'),
        network('usr2', 'db', '192.168.22.0/24'),
        workload('usr2', 'db', 'store-1', '192.168.22.5'),
      ].join(''),
    )
    files.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm1: [usr1/usr1-1, usr2/usr2-1, usr1/db-1, usr1/island-1]')
    files.edit(
      'lab.yaml',
      /^ {2}vm2: .*$/m,
      '  vm2: [usr1/usr1-2, usr2/usr2-2, usr1/db-2, usr1/island-2, usr2/store-1]',
    )
  },
})
cluster.belongTo(test)
const { lab } = cluster

const reaches = async (from: string, to: string) => (await cluster.ping(from, to, 1)).received === 1

async function all(t: ExecutionContext, from: string, targets: readonly string[]): Promise<void> {
  const reached = await Promise.all(targets.map((to) => reaches(from, to)))
  t.deepEqual(
    targets.filter((_, i) => !reached[i]),
    [],
    `${from} does not reach`,
  )
}

async function none(t: ExecutionContext, from: string, targets: readonly string[]): Promise<void> {
  const pings = await Promise.all(targets.map((to) => cluster.ping(from, to, 1)))
  t.deepEqual(
    targets.filter((_, i) => pings[i]?.received !== 0),
    [],
    `${from} reaches`,
  )
}

test.serial('networks of a tenant are one hop apart, on one host and on two', async (t) => {
  for (const [from, to, hops] of [
    ['usr1-1', '192.168.1.3', 0],
    ['usr1-1', '192.168.11.5', 1],
    ['usr1-1', '192.168.11.6', 1],
    ['db-2', '192.168.1.2', 1],
  ] as const) {
    const { stdout } = await lab.exec(from, ['ping', '-n', '-c', '1', '-W', '1', to])
    t.regex(stdout, new RegExp(`ttl=${64 - hops}`), `${from} to ${to}`)
  }
  // The request crosses the underlay once and arrives from the router, with the tenant's other network as key.
  const arrived = await capture(lab, 'db-2', 'icmp')
  t.true(await reaches('usr1-1', '192.168.11.6'))
  t.regex(await arrived.line(/echo request/), new RegExp(`^${routerMac} > `))
  t.is((await arrived.stop()).length, 1)
})

test.serial('a network that is not routed reaches itself and nothing else', async (t) => {
  t.true(await reaches('island-1', '192.168.12.6'))
  for (const name of ['island-1', 'island-2'])
    await lab.exec(name, [
      'sh',
      '-c',
      `ip neigh replace 192.168.12.1 lladdr ${routerMac} dev eth0 && ip route replace default via 192.168.12.1`,
    ])
  await none(t, 'island-1', [
    ...['192.168.12.1', '192.168.1.1', '192.168.11.1', '192.168.1.2', '192.168.11.6'],
    ...['162.105.175.1', '162.105.175.70'],
  ])
  await none(t, 'usr1-1', ['192.168.12.5'])
  await none(t, 'db-2', ['192.168.12.5', '192.168.12.1'])
})

test.serial('the router forwards nothing that belongs to one link', async (t) => {
  const own = (await lab.exec('usr1-2', ['cat', '/sys/class/net/eth0/address'])).stdout.trim()
  const seen = await capture(lab, 'outside', 'udp')
  const to = (dst: string) =>
    ethernet(routerMac, own, 0x0800, ipv4({ src: '192.168.1.3', dst, protocol: 17 }, udp(1, 2)))
  const destinations = [
    '169.254.169.254',
    '224.0.0.251',
    '255.255.255.255',
    '127.0.0.1',
    '0.0.0.0',
    '240.0.0.1',
  ]
  const drops = await cluster.drops(() => send(lab, 'usr1-2', destinations.map(to)))
  t.is(
    drops
      .filter(({ flow }) => flow.tableName === 'static-route')
      .reduce((sum, { packets }) => sum + packets, 0),
    destinations.length,
  )
  await send(lab, 'usr1-2', [to('162.105.175.1')])
  await seen.line(/162\.105\.175\.70/)
  t.is((await seen.stop()).length, 1)
})

test.serial('tenants are joined when both say so, and only in the networks that they name', async (t) => {
  const inside = ['192.168.2.2', '192.168.2.3', '192.168.2.1']
  await none(t, 'usr1-1', inside)

  cluster.write('peer-1.yaml', 'kind: Peering\ntenant: usr1\nname: two\npeer: usr2\n')
  await cluster.converge()
  await none(t, 'usr1-1', inside)
  const { warnings } = await cluster.client.status()
  t.true(
    warnings.some((warning) => warning.includes('usr1/two') && warning.includes('usr2')),
    warnings.join('\n'),
  )

  cluster.write('peer-2.yaml', 'kind: Peering\ntenant: usr2\nname: one\npeer: usr1\nnetworks: [lan]\n')
  await cluster.quiesce()
  t.deepEqual((await cluster.client.status()).warnings, [])
  await all(t, 'usr1-1', inside)
  await all(t, 'db-2', inside)
  await all(t, 'usr2-2', ['192.168.1.2', '192.168.1.3', '192.168.11.5', '192.168.11.6', '192.168.11.1'])
  await none(t, 'usr1-1', ['192.168.22.5', '192.168.22.1'])
  await none(t, 'store-1', ['192.168.1.2', '192.168.1.1', '192.168.11.6'])
  await none(t, 'usr2-1', ['192.168.12.5'])
  await all(t, 'store-1', ['192.168.2.2', '192.168.2.1', '162.105.175.1'])

  cluster.remove('peer-1.yaml')
  await cluster.quiesce()
  await none(t, 'usr1-1', inside)
  await none(t, 'usr2-2', ['192.168.1.2', '192.168.11.1'])
  await all(t, 'usr1-1', ['192.168.1.3', '192.168.11.6'])
})
