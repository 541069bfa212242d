import test from 'ava'
import { capture } from './support/capture.js'
import { arp, broadcast, ethernet, ipv4, send, udp } from './support/frames.js'
import { until } from './support/open-vswitch.js'
import { attempt, echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { wide } from './support/wide.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre', edit: wide })
cluster.belongTo(test)

interface Station {
  readonly name: string
  readonly ip: string
}
const members = (tenant: number): Station[] =>
  [1, 2, 3, 4].map((n) => ({ name: `usr${tenant}-${n}`, ip: `192.168.${tenant}.${n + 1}` }))
const usr1 = members(1)
const usr2 = members(2)
const outside = '162.105.175.1'
const outsideAddress = '162.105.175.70'

/** Packets between hosts, of each encapsulation, on the underlay (RFC 2890, RFC 7348, RFC 8926). */
const tunnels = { gre: 'ip proto 47', vxlan: 'udp port 4789', geneve: 'udp port 6081' } as const

for (const encapsulation of ['gre', 'vxlan', 'geneve'] as const) {
  const tunnel = tunnels[encapsulation]

  test.serial(`${encapsulation}: one word in a file`, async (t) => {
    cluster.edit('cluster.yaml', /^encapsulation: \S+/m, `encapsulation: ${encapsulation}`)
    await cluster.converge()
    await cluster.up()
    await cluster.converge()
    for (const { name } of cluster.lab.status().hosts) {
      const argv = ['ovs-vsctl', '--bare', '--columns=type', 'find', 'Interface', 'name=sluice-tunnel']
      t.is((await cluster.lab.exec(name, argv)).stdout.trim(), encapsulation)
    }
  })

  test.serial(
    `${encapsulation}: a tenant's workloads reach each other, and the outside with the gateway's address`,
    async (t) => {
      const seen = await capture(cluster.lab, 'outside', 'icmp[icmptype] = icmp-echo')
      const wire = await capture(cluster.lab, 'vm2', tunnel, { device: 'uplink', direction: 'inout' })
      for (const tenant of [usr1, usr2])
        for (const from of tenant)
          for (const { ip } of [...tenant.filter((other) => other !== from), { ip: outside }])
            t.deepEqual(
              await cluster.ping(from.name, ip, 1),
              { sent: 1, received: 1 },
              `${from.name} to ${ip}`,
            )
      await until('all requests', () => seen.lines.length >= 8)
      const requests = await seen.stop()
      t.is(requests.length, 8)
      t.true(
        requests.every((line) => line.includes(`${outsideAddress} > ${outside}`)),
        requests.join('\n'),
      )
      t.not((await wire.stop()).length, 0)
    },
  )

  test.serial(`${encapsulation}: no packet of any kind passes between tenants`, async (t) => {
    for (const [one, other] of [
      [usr1, usr2],
      [usr2, usr1],
    ] as const) {
      const captures = await Promise.all(other.map(({ name }) => capture(cluster.lab, name)))
      for (const from of one.slice(0, 2)) await trespass(from, other)
      // What comes from the tenant itself shows that each capture works, and that all before it would have been seen.
      for (const [i, { name, ip }] of other.entries()) {
        const friend = other[(i + 1) % other.length]
        t.is((await cluster.ping(friend?.name ?? '', ip, 1)).received, 1)
        const lines = await captures[i]?.line(/ICMP echo request/).then(() => captures[i]?.stop())
        const own = /192\.168\.(\d)\.\d > 192\.168\.\1\.\d: ICMP echo|Reply 192\.168\.(\d)\.\d/
        t.deepEqual(
          lines?.filter((line) => !own.test(line)),
          [],
          name,
        )
      }
    }
  })

  test.serial(`${encapsulation}: the outside opens no connection`, async (t) => {
    const [target] = usr1
    if (!target) return t.fail()
    const server = await echo(cluster.lab, target.name, 80)
    t.teardown(() => server.stop())
    await cluster.lab.exec('outside', ['ip', 'route', 'replace', '192.168.0.0/16', 'via', outsideAddress])
    const seen = await capture(cluster.lab, target.name, 'tcp')
    const drops = await cluster.drops(async () => {
      t.is(await attempt(cluster.lab, 'outside', target.ip, 80), 'silence')
      for (const port of [22, 80, 40_000])
        t.is(await attempt(cluster.lab, 'outside', outsideAddress, port), 'ECONNREFUSED', String(port))
    })
    for (const [table, packets] of [
      ['outside', 1],
      ['outside-tracked', 3],
    ] as const) {
      const drop = drops.find(({ flow }) => flow.tableName === table)
      t.true(drop && drop.packets >= packets, table)
      t.like(drop?.flow.source, { object: 'gateway/campus', line: 1 })
      t.true(drop?.flow.source?.file?.endsWith('gateway.yaml'))
    }
    t.deepEqual(seen.lines, [])
    t.is(await attempt(cluster.lab, 'usr1-3', target.ip, 80), 'connected')
    await seen.line(/Flags \[S\]/)
    await seen.stop()
  })

  test.serial(`${encapsulation}: the path between two hosts does not lead over the gateway's`, async (t) => {
    const seen = await capture(cluster.lab, 'vm1', tunnel, { device: 'uplink', direction: 'inout' })
    t.is((await cluster.ping('usr1-2', '192.168.1.5')).received, 3)
    t.is((await cluster.ping('usr2-4', '192.168.2.3')).received, 3)
    // Probes of the tunnels pass by there as well.
    const ofTenants = seen.lines.filter((line) => line.includes('192.168.'))
    t.deepEqual(ofTenants, [])
    t.is((await cluster.ping('usr1-2', '192.168.1.2', 1)).received, 1)
    await seen.line(/192\.168\.1\.3 > 192\.168\.1\.2/)
    await seen.stop()
  })
}

test.serial('no rule of iptables or nftables exists anywhere', async (t) => {
  const names = cluster.lab.names()
  t.is(names.length, 3 + 8 + 4)
  for (const name of names) {
    const { stdout } = await cluster.lab.exec(name, [
      'sh',
      '-c',
      'cat /proc/net/ip*_tables_names 2>/dev/null; ! command -v nft >/dev/null || nft list ruleset',
    ])
    t.is(stdout, '', name)
  }
})

/** Everything that a workload may try to reach others with: through its own stack, and past it. */
async function trespass(from: Station, others: readonly Station[]): Promise<void> {
  const { stdout } = await cluster.lab.exec(from.name, ['cat', '/sys/class/net/eth0/address'])
  const own = stdout.trim()
  const gateway = others[0]?.ip.replace(/\d+$/, '1') ?? ''
  const targets = [...others.map(({ ip }) => ip), gateway]
  await Promise.all(targets.map((target) => cluster.ping(from.name, target, 1)))
  const macs = await Promise.all(
    others.map(async ({ name }) =>
      (await cluster.lab.exec(name, ['cat', '/sys/class/net/eth0/address'])).stdout.trim(),
    ),
  )
  const packet = (dst: string) => ipv4({ src: from.ip, dst, protocol: 17 }, udp(1000, 2000))
  const frames = [broadcast, '01:00:5e:00:00:fb', '33:33:00:00:00:01', '01:80:c2:00:00:0e', ...macs].flatMap(
    (dst) => [
      ethernet(dst, own, 0x0800, packet('255.255.255.255')),
      ethernet(dst, own, 0x0800, packet('224.0.0.251')),
      ...others.map(({ ip }) => ethernet(dst, own, 0x0800, packet(ip))),
      ...others.map(({ ip }) => ethernet(dst, own, 0x0806, arp({ op: 1, sha: own, spa: from.ip, tpa: ip }))),
      ...others.map(({ ip }) => ethernet(dst, own, 0x0806, arp({ op: 2, sha: own, spa: from.ip, tpa: ip }))),
      ...[0x86dd, 0x88cc, 0x8847, 0x1234, 0x0100].map((type) =>
        ethernet(dst, own, type, Buffer.alloc(64, 0x60)),
      ),
    ],
  )
  await send(cluster.lab, from.name, frames)
}
