/** Scenario S4: ports of workloads published as ports of the gateway's address. */
import test from 'ava'
import { succeed } from './support/open-vswitch.js'
import { Program } from './support/program.js'
import { settled } from './support/settled.js'
import { attempt, datagram, dial, echo, refusal, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { noneWaits } from './support/waiting.js'

const outer = '162.105.175.70'
const outer6 = '2001:db8:ff::70'
const outside = '162.105.175.1'
const forward = (name: string, port: string, to: string, address = outer) =>
  `---\nkind: PortForward\ntenant: docker\nname: ${name}\naddress: "${address}"\nport: ${port}\nto: ${to}\ngateway: campus\n`

const cluster = await TestCluster.start({
  scenario: 'port-forward',
  edit: (files) => {
    files.edit('containers.yaml', /$/, forward('echo', 'udp/5000', 'shell:5001'))
    files.edit('containers.yaml', /$/, forward('other-echo', 'udp/5002', 'web:5002'))
    files.edit('containers.yaml', /$/, forward('echo6', 'udp/5000', 'shell:5001', outer6))
    files.edit('containers.yaml', /$/, forward('web6', 'tcp/8080', 'web:80', outer6))
    files.edit('containers.yaml', /$/, forward('other', 'tcp/10080', 'shell:80', '162.105.175.71'))
    files.edit('containers.yaml', /^gateway: 172.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    files.edit('containers.yaml', /^ip: (\S+\.(\d))$/gm, 'ip: [$1, "2001:db8:1::$2"]')
    files.edit(
      'gateway.yaml',
      /$/,
      'subnet6: "2001:db8:ff::/64"\naddress6: "2001:db8:ff::70"\nnextHop6: "2001:db8:ff::1"\n',
    )
  },
})
cluster.belongTo(test)
const { lab } = cluster
test.before(() => Promise.all(['web', 'shell', 'outside'].map((name) => settled(lab, name))))

test.serial('published ports are reached from outside, from another workload and from oneself', async (t) => {
  const servers = [await echo(lab, 'web', 80), await echo(lab, 'shell', 22), await echo(lab, 'shell', 80)]
  for (const from of ['outside', 'shell', 'web'])
    for (const [address, port] of [
      [outer, 10080],
      [outer, 49153],
      [outer6, 8080],
      ['162.105.175.71', 10080],
    ] as const)
      t.deepEqual(
        await transfer(lab, from, address, port, 100_000),
        { received: 100_000, intact: true },
        `${from} to ${address} ${port}`,
      )
  const [web] = servers
  t.true(
    web?.lines.some((line) => line.startsWith(`from ${outside} `)),
    'the client is seen with its own address',
  )
  t.true(
    web?.lines.some((line) => line.startsWith(`from ${outer} `)),
    'one from inside as from outside',
  )
  for (const server of servers) await server.stop()
})

test.serial('datagrams too, fragmented ones from the first on, and errors about them', async (t) => {
  // Smaller than what workloads take.
  await succeed(lab, 'outside', ['ip', 'route', 'add', outer, 'dev', 'eth0', 'mtu', 'lock', '1400'])
  await succeed(lab, 'outside', ['ip', 'route', 'add', outer6, 'dev', 'eth0', 'mtu', 'lock', '1400'])
  for (const from of ['outside', 'shell', 'web']) {
    const servers = [await udpEcho(lab, 'shell', 5001), await udpEcho(lab, 'web', 5002)]
    for (const [address, port] of [
      [outer, 5000],
      [outer, 5002],
      [outer6, 5000],
    ] as const)
      for (const bytes of [5000, 100, 20_000])
        t.is(
          await datagram(lab, from, address, port, bytes, 10_000, 7000),
          'intact',
          `${from} ${address} ${bytes}`,
        )
    t.is(await datagram(lab, from, outer, 5003, 5000, 500), 'silence', 'a port that nobody has')
    for (const server of servers) await server.stop()
    t.is(await refusal(lab, from, outer, 5000), 'ECONNREFUSED', from)
  }
  await noneWaits(lab, 'vm1')
})

const sink = `
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 5001))
print('listening')
while True: print(s.recv(100).decode())`

const threeDatagrams = `
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('${outer}', 5000))
for word in ('one', 'two', 'three'):
    s.send((word + ' of ' + sys.argv[1]).encode())
    time.sleep(0.2)`

test.serial('datagrams that nobody answers go on arriving', async (t) => {
  const server = await Program.start(lab, 'shell', ['python3', '-u', '-c', sink], /^listening/)
  for (const from of ['outside', 'web']) {
    await succeed(lab, from, ['python3', '-c', threeDatagrams, from])
    for (const word of ['one', 'two', 'three'])
      t.is(await server.line(new RegExp(`^${word} of ${from}`)), `${word} of ${from}`)
  }
  await server.stop()
})

test.serial('other ports of the address refuse', async (t) => {
  for (const port of [80, 22, 10081, 8080]) t.is(await attempt(lab, 'outside', outer, port), 'ECONNREFUSED')
  t.is(await attempt(lab, 'shell', outer, 10081), 'ECONNREFUSED')
  const drops = await cluster.drops(() => attempt(lab, 'outside', outer, 10081))
  const drop = drops.find(({ flow }) => flow.tableName === 'outside-tracked')
  t.is(drop?.flow.source?.object, 'gateway/campus')
})

test.serial('the rest leaves with source NAT, also from a port that is published', async (t) => {
  const server = await echo(lab, 'outside', 9001)
  for (const [from, localPort] of [
    ['web', 0],
    ['web', 80],
    ['shell', 10080],
  ] as const) {
    const client = await dial(lab, from, outside, 9001, localPort)
    await client.finish()
  }
  t.is(server.lines.filter((line) => line.startsWith(`from ${outer} `)).length, 3, server.lines.join())
  await server.stop()
})

test.serial('a port that is published twice is an error that names both places', async (t) => {
  cluster.write('more.yaml', forward('again', 'tcp/10080', 'shell:80').slice(4))
  const { stderr, stdout } = await cluster.sluice('check', cluster.directory)
  t.regex(stdout + stderr, /containers\.yaml:\d+:\d+: error: port tcp\/10080 of .* \[duplicate-port\]/)
  t.regex(
    stdout + stderr,
    /more\.yaml:5:7: error: port tcp\/10080 of .* see \S+containers\.yaml:\d+:7 \[duplicate-port\]/,
  )
  cluster.remove('more.yaml')
})

test.serial('a forward that goes takes its port with it', async (t) => {
  const server = await echo(lab, 'web', 80)
  t.is(await attempt(lab, 'outside', outer, 10080), 'connected')
  cluster.edit('containers.yaml', 'port: tcp/10080', 'port: tcp/10090')
  await cluster.quiesce()
  t.is(await attempt(lab, 'outside', outer, 10080, 5000), 'ECONNREFUSED')
  t.is(await attempt(lab, 'outside', outer, 10090, 5000), 'connected')
  await server.stop()
})
