/** Scenario S3: an address outside for one workload, both ways; everybody else has the router's. */
import test from 'ava'
import { capture } from './support/capture.js'
import { ethernet, send, tcpAck } from './support/frames.js'
import { succeed, until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, datagram, dial, echo, refusal, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({
  scenario: 'floating-ip',
  edit: (files) => {
    files.edit('usr1.yaml', /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    files.edit('usr1.yaml', /^ip: (\S+\.(\d))$/gm, 'ip: [$1, "2001:db8:1::$2"]')
    files.edit(
      'usr1.yaml',
      /$/,
      '---\nkind: FloatingIp\ntenant: usr1\nname: web6\naddress: "2001:db8:ff::103"\nworkload: usr1-2\ngateway: campus\n',
    )
    files.edit(
      'gateway.yaml',
      /$/,
      'subnet6: "2001:db8:ff::/64"\naddress6: "2001:db8:ff::100"\nnextHop6: "2001:db8:ff::1"\n',
    )
  },
})
cluster.belongTo(test)
const { lab } = cluster

const workloads = ['usr1-1', 'usr1-2', 'usr1-3']
const floating = ['16.158.1.103', '2001:db8:ff::103']
const router = ['16.158.1.100', '2001:db8:ff::100']
const outside = ['16.158.1.1', '2001:db8:ff::1']

test.before(async () => {
  await Promise.all([...workloads, 'outside', 'station'].map((name) => settled(lab, name)))
  // The first answer to a station on the wire goes to the next hop; then the station is known.
  for (const address of floating)
    await until(address, async () => (await cluster.ping('station', address, 1)).received === 1)
})

/** The address that a server outside sees of a workload. */
async function seenAs(name: string, to: string, port: number): Promise<string> {
  const server = await echo(lab, 'outside', port)
  try {
    const client = await dial(lab, name, to, port)
    const said = await client.finish()
    if (!said.includes('connected')) throw new Error(`${name} to ${to}: ${said.join()}`)
    return (await server.line(/^from/)).split(' ')[1] ?? ''
  } finally {
    await server.stop()
  }
}

test.serial('outside opens connections to it, and the workload sees who they are from', async (t) => {
  const server = await echo(lab, 'usr1-2', 8080)
  for (const [index, address] of floating.entries()) {
    for (const from of ['outside', 'station'])
      t.deepEqual(await cluster.ping(from, address), { sent: 3, received: 3 }, `${from} to ${address}`)
    t.deepEqual(await transfer(lab, 'outside', address, 8080, 1_000_000), {
      received: 1_000_000,
      intact: true,
    })
    t.true((await server.line(/^from/)) !== undefined)
    t.true(
      server.lines.some((line) => line.startsWith(`from ${outside[index]} `)),
      server.lines.join(),
    )
  }
  await server.stop()
})

test.serial('it is seen with it, every other workload with the address of the router', async (t) => {
  for (const [index, to] of outside.entries()) {
    t.is(await seenAs('usr1-2', to, 9001 + index), floating[index] ?? '')
    t.is(await seenAs('usr1-1', to, 9011 + index), router[index] ?? '')
    t.is(await seenAs('usr1-3', to, 9021 + index), router[index] ?? '')
  }
})

test.serial('ICMP errors come through, both ways', async (t) => {
  for (const [index, address] of floating.entries()) {
    t.is(await refusal(lab, 'outside', address), 'ECONNREFUSED', `${address} from outside`)
    t.is(await refusal(lab, 'usr1-2', outside[index] ?? ''), 'ECONNREFUSED', 'from the workload')
    t.is(await refusal(lab, 'usr1-1', address), 'ECONNREFUSED', 'from inside')
    t.is(await attempt(lab, 'outside', address, 9), 'ECONNREFUSED')
  }
})

test.serial('fragments pass both ways', async (t) => {
  // What is larger than the tunnel carries would need an answer that says so.
  for (const address of [...floating, ...router])
    await lab.exec('outside', ['ip', 'route', 'add', address, 'dev', 'eth0', 'mtu', 'lock', '1400'])
  const servers = [await udpEcho(lab, 'usr1-2', 5000), await udpEcho(lab, 'outside', 5000)]
  for (const [index, address] of floating.entries()) {
    t.is(await datagram(lab, 'outside', address, 5000, 5000), 'intact', address)
    t.is(await datagram(lab, 'usr1-2', outside[index] ?? '', 5000, 5000), 'intact')
    t.is(await datagram(lab, 'usr1-3', outside[index] ?? '', 5000, 5000), 'intact')
  }
  for (const server of servers) await server.stop()
})

test.serial('other workloads reach it by its address outside, and so does it itself', async (t) => {
  const server = await echo(lab, 'usr1-2', 8081)
  for (const [index, address] of floating.entries()) {
    for (const from of workloads) {
      t.deepEqual(await cluster.ping(from, address), { sent: 3, received: 3 }, `${from} to ${address}`)
      t.deepEqual(
        await transfer(lab, from, address, 8081, 100_000),
        { received: 100_000, intact: true },
        from,
      )
    }
    t.true(
      server.lines.some((line) => line.startsWith(`from ${router[index]} `)),
      server.lines.join(),
    )
    t.true(
      server.lines.some((line) => line.startsWith(`from ${floating[index]} `)),
      server.lines.join(),
    )
  }
  await server.stop()
})

test.serial('who talks to an address talks to its workload, also when that is another one', async (t) => {
  const [before, after] = [await udpEcho(lab, 'usr1-2', 9040), await udpEcho(lab, 'usr1-3', 9040)]
  const server = await echo(lab, 'usr1-2', 9041)
  const client = await dial(lab, 'outside', floating[0] ?? '', 9041)
  for (const address of floating)
    t.is(await datagram(lab, 'station', address, 9040, 10, 2000, 7040), 'intact', address)
  t.is(before.lines.filter((line) => line === 'got 10').length, 2)
  cluster.edit('usr1.yaml', /^workload: usr1-2$/gm, 'workload: usr1-3')
  await cluster.converge()
  // From the same port: the connections of before are forgotten.
  for (const [index, address] of floating.entries())
    await until(`usr1-3 at ${address}`, async () => {
      await datagram(lab, 'station', address, 9040, 20 + index, 500, 7040)
      return after.lines.includes(`got ${20 + index}`)
    })
  client.write('more\n')
  await client.line(/error ECONNRESET/)
  cluster.edit('usr1.yaml', /^workload: usr1-3$/gm, 'workload: usr1-2')
  await cluster.converge()
  for (const program of [before, after, server, client]) await program.stop()
})

test.serial(
  'what conntrack takes for out of a connection’s windows comes to who has the connection',
  async (t) => {
    const port = 9050
    const server = await echo(lab, 'outside', port)
    const own = await succeed(lab, 'outside', ['cat', '/sys/class/net/eth0/address'])
    for (const [name, to] of [
      ['usr1-1', router[0]],
      ['usr1-2', floating[0]],
    ] as const) {
      const client = await dial(lab, name, outside[0] ?? '', port)
      const [, , known] = (await server.line(new RegExp(`^from ${to} `))).split(' ')
      const heard = await capture(lab, name, `tcp src port ${port}`)
      const neighbour = await succeed(lab, 'outside', ['ip', 'neigh', 'show', to ?? ''])
      const gateway = /lladdr (\S+)/.exec(neighbour)?.[1] ?? ''
      const segment = (dstPort: number, seq: number) =>
        ethernet(
          gateway,
          own.trim(),
          0x0800,
          tcpAck(outside[0] ?? '', to ?? '', { srcPort: port, dstPort, seq, ack: 1 }),
        )
      const others = () => heard.lines.filter((line) => !line.includes(`.${known}:`))
      await until('the segment', async () => {
        await send(lab, 'outside', [segment(Number(known) ^ 1, 77_777), segment(Number(known), 66_666)])
        return heard.lines.length > others().length
      })
      await heard.stop()
      // Everything reaches a floating address; the router's is for connections from inside.
      if (name === 'usr1-1') t.deepEqual(others(), [])
      client.write('on\n')
      await client.line(/^on$/)
      await client.stop()
    }
    await server.stop()
  },
)

test.serial('the outside reaches nobody else', async (t) => {
  const server = await echo(lab, 'usr1-1', 8080)
  for (const address of router) t.is(await attempt(lab, 'outside', address, 8080), 'ECONNREFUSED')
  await server.stop()
})

test.serial('an address is announced when it is configured, and answered for as long as it is', async (t) => {
  const arps = await capture(lab, 'station', 'arp and ether dst ff:ff:ff:ff:ff:ff')
  cluster.write(
    'more.yaml',
    'kind: FloatingIp\ntenant: usr1\nname: more\naddress: 16.158.1.104\nworkload: usr1-3\ngateway: campus\n',
  )
  await cluster.converge()
  await arps.line(/Request who-has 16\.158\.1\.104 .*tell 16\.158\.1\.104/)
  await arps.stop()
  t.false(
    arps.lines.some((line) => line.includes('16.158.1.103')),
    'the others are not announced again',
  )
  t.deepEqual(await cluster.ping('outside', '16.158.1.104'), { sent: 3, received: 3 })
  t.is(await seenAs('usr1-3', '16.158.1.1', 9031), '16.158.1.104')
  cluster.remove('more.yaml')
  await cluster.quiesce()
  t.is((await cluster.ping('outside', '16.158.1.104', 1)).received, 0)
  t.is(await seenAs('usr1-3', '16.158.1.1', 9032), '16.158.1.100')
  const unused = await capture(lab, 'station', 'arp', { direction: 'inout' })
  await cluster.ping('station', '16.158.1.104', 1)
  t.false((await unused.stop()).some((line) => /Reply 16\.158\.1\.104/.test(line)))
})
