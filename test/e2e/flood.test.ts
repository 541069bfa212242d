import test from 'ava'
import { capture } from './support/capture.js'
import { broadcast, ethernet, ipv4, send, udp } from './support/frames.js'
import { TestCluster } from './support/test-cluster.js'
import { wide } from './support/wide.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre', edit: wide })
cluster.belongTo(test)
const { lab } = cluster

const members = ['usr1-2', 'usr1-3', 'usr1-4']
const strangers = ['usr2-1', 'usr2-2', 'usr2-3', 'usr2-4', 'outside']
const everybody = ['usr1-1', ...members, ...strangers]
const own = '00:16:3e:0c:07:73'
const last = 9999

/** Whether a gateway says this outside: it announces its own address, and asks for the next hop. */
const ofGateway = (line: string) => /who-has \S+ tell 162\.105\.175\.70,/.test(line)

const packet = (dstMac: string, dst: string, port: number): Buffer =>
  ethernet(dstMac, own, 0x0800, ipv4({ src: '192.168.1.2', dst, protocol: 17 }, udp(1000, port)))

test.serial('broadcast and multicast reach each other member once, and nobody else', async (t) => {
  const captures = await Promise.all(everybody.map((name) => capture(lab, name, 'udp or arp')))
  const frames = [
    packet(broadcast, '255.255.255.255', 1),
    packet(broadcast, '192.168.1.255', 2),
    packet('01:00:5e:00:00:fb', '224.0.0.251', 3),
    packet('01:00:5e:7f:00:01', '239.255.0.1', 4),
  ]
  const rounds = 5
  for (let round = 0; round < rounds; round++) await send(lab, 'usr1-1', frames)
  await send(lab, 'usr1-1', [packet(broadcast, '255.255.255.255', last)])
  for (const [i, name] of everybody.entries()) {
    const each = captures[i]
    if (members.includes(name)) await each?.line(new RegExp(`\\.${last}: `))
    const counts = new Map<string, number>()
    for (const line of (await each?.stop()) ?? []) {
      if (name === 'outside' && ofGateway(line)) continue
      const [, port = line] = /\.(\d+): UDP/.exec(line) ?? []
      counts.set(port, (counts.get(port) ?? 0) + 1)
    }
    const expected = ['1', '2', '3', '4'].map((port) => [port, rounds] as const)
    t.deepEqual([...counts].sort(), members.includes(name) ? [...expected, [`${last}`, 1]] : [], name)
  }
})

test.serial('no ARP request is flooded, whoever it asks for', async (t) => {
  const captures = await Promise.all(everybody.slice(1).map((name) => capture(lab, name, 'arp or icmp')))
  await lab.exec('usr1-1', ['ip', 'neigh', 'flush', 'dev', 'eth0'])
  for (const to of ['192.168.1.3', '192.168.1.4', '192.168.1.5'])
    t.is((await cluster.ping('usr1-1', to, 1)).received, 1)
  const drops = await cluster.drops(async () =>
    t.is((await cluster.ping('usr1-1', '192.168.1.99', 1)).received, 0),
  )
  t.true(drops.some(({ flow }) => flow.tableName === 'arp' && flow.source?.object === 'network/usr1/lan'))
  for (const [i, name] of everybody.slice(1).entries()) {
    const each = captures[i]
    if (members.includes(name)) await each?.line(/echo request/)
    const lines = (await each?.stop()) ?? []
    const asked = lines.filter(
      (line) => line.includes('Request who-has') && !(name === 'outside' && ofGateway(line)),
    )
    t.deepEqual(asked, [], name)
  }
})

test.serial('where there is policy, each copy is judged for its receiver', async (t) => {
  cluster.edit('usr1.yaml', /^ip: 192\.168\.1\.3$/m, '$&\nlabels: {role: deaf}')
  cluster.write(
    'policies.yaml',
    [
      'kind: Policy\ntenant: usr1\nname: some\nselect: {}\ningress: [{ports: [udp/1, udp/9999]}]',
      'kind: Policy\ntenant: usr1\nname: deaf\nselect: {role: deaf}\ningress: [{ports: [udp/1], action: deny}]',
    ].join('\n---\n'),
  )
  await cluster.converge()
  const captures = await Promise.all(everybody.map((name) => capture(lab, name, 'udp')))
  await send(
    lab,
    'usr1-1',
    [1, 2, last].map((port) => packet(broadcast, '192.168.1.255', port)),
  )
  for (const [i, name] of everybody.entries()) {
    const each = captures[i]
    if (members.includes(name)) await each?.line(new RegExp(`\\.${last}: `))
    const ports = ((await each?.stop()) ?? []).map((line) => /\.(\d+): UDP/.exec(line)?.[1] ?? line)
    const expected = name === 'usr1-2' ? [`${last}`] : ['1', `${last}`]
    t.deepEqual(ports.sort(), members.includes(name) ? expected : [], name)
  }
})
