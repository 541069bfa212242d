import test from 'ava'
import { capture } from './support/capture.js'
import { until } from './support/open-vswitch.js'
import { datagram, echo, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)

const bytes = 3_000_000
const outside = '162.105.175.1'
const port = 7000

async function mtuOf(network: string): Promise<number> {
  for await (const object of cluster.client.get('network', network)) return Number(object.mtu)
  return 0
}

for (const [encapsulation, overhead] of [
  ['gre', 42],
  ['vxlan', 50],
  ['geneve', 50],
] as const) {
  test.serial(`${encapsulation}: TCP and UDP arrive intact, at the other host and outside`, async (t) => {
    cluster.edit('cluster.yaml', /^encapsulation: \S+/m, `encapsulation: ${encapsulation}`)
    await cluster.converge()
    await cluster.up()
    await cluster.converge()
    const { lab } = cluster
    const servers = await Promise.all(
      ['usr1-1', 'usr1-2', 'outside'].flatMap((at) => [echo(lab, at, port), udpEcho(lab, at, port)]),
    )
    t.teardown(() => Promise.all(servers.map((server) => server.stop())))
    for (const [from, to] of [
      ['usr1-1', '192.168.1.3'],
      ['usr1-2', '192.168.1.2'],
      ['usr1-1', outside],
      ['usr1-2', outside],
    ] as const) {
      t.deepEqual(
        await transfer(lab, from, to, port, bytes),
        { received: bytes, intact: true },
        `${from} to ${to}`,
      )
      for (const size of to === outside ? [1, 1300] : [1, 1300, 4000])
        t.is(await datagram(lab, from, to, port, size), 'intact', `${from} to ${to}: ${size}`)
    }
    // Fragments of one datagram are translated alike; the answer's are too large for the way back.
    await until('the fragments outside', async () => {
      await datagram(lab, 'usr1-2', outside, port, 4000, 300)
      return servers.at(-1)?.lines.includes('got 4000') ?? false
    })
  })

  test.serial(`${encapsulation}: a packet of the network's MTU fits into the tunnel`, async (t) => {
    const mtu = await mtuOf('usr1/lan')
    t.is(mtu, 1500 - overhead)
    const ping = (size: number) =>
      cluster.lab.exec('usr1-1', [
        'ping',
        '-n',
        '-M',
        'do',
        '-s',
        `${size}`,
        '-c',
        '1',
        '-W',
        '1',
        '192.168.1.3',
      ])
    t.regex((await ping(mtu - 28)).stdout, / 1 received/)
    t.regex((await ping(mtu - 27)).stderr, new RegExp(`message too long, mtu=${mtu}`))
    // TCP uses all of it: the full segment is seen as it arrives, and on the underlay in one piece.
    const arrived = await capture(cluster.lab, 'usr1-2', `ip[2:2] = ${mtu} and tcp`)
    const pieces = await capture(cluster.lab, 'vm2', 'ip[6:2] & 0x3fff != 0', { device: 'uplink' })
    const server = await echo(cluster.lab, 'usr1-2', port)
    t.deepEqual(await transfer(cluster.lab, 'usr1-1', '192.168.1.3', port, 100_000), {
      received: 100_000,
      intact: true,
    })
    await arrived.line(/192\.168\.1\.2/)
    await Promise.all([arrived.stop(), server.stop()])
    t.deepEqual(await pieces.stop(), [])
  })
}
