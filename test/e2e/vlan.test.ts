import test from 'ava'
import { routerMac, wireMac } from '../../flows/addresses.js'
import { capture } from './support/capture.js'
import { arp, broadcast, ethernet, ipv4, send, tagged, udp } from './support/frames.js'
import { until } from './support/open-vswitch.js'
import { type Physical, plugIn } from './support/physical.js'
import { TestCluster } from './support/test-cluster.js'

const desk: Physical = {
  ...{ at: 'outside', tag: 5, mac: '00:16:3e:05:00:c8', address: '192.168.5.200/24' },
  ...{ router: '192.168.5.1', beyond: '192.168.10.0/24' },
}
const rack: Physical = {
  ...{ at: 'station', tag: 10, mac: '00:16:3e:10:00:c8', address: '192.168.10.200/24' },
  ...{ router: '192.168.10.1', beyond: '192.168.5.0/24' },
}
const ip = { desk: '192.168.5.200', rack: '192.168.10.200', pc: '192.168.5.2', files: '192.168.10.2' }
const subStaff = { mac: '00:16:3e:05:00:03', ip: '192.168.5.3', tag: 105 }
const subServers = { mac: '00:16:3e:10:00:03', ip: '192.168.10.3', tag: 110 }
const pcMac = '00:16:3e:05:00:02'

// A third host has the physical bridge, and no workload: its bridge is nothing but a switch.
const cluster = await TestCluster.start({
  scenario: 'vlan',
  edit: (files) =>
    files.write(
      'third.yaml',
      'kind: Host\nname: sw\novsdb: tcp:162.105.175.62:6640\ntunnelIp: 162.105.175.62\n',
    ),
})
cluster.belongTo(test)
const { lab } = cluster

test.before(async () => {
  await plugIn(cluster, 'sw', 'br-phys', desk)
  await plugIn(cluster, 'sw', 'br-phys', rack)
})

/** Frames on the wire, as a host's bridge sends them. */
const sentBy = (host: string, filter = '') =>
  capture(lab, 'wire', filter, { device: lab.host(host).uplinkDevice('br-phys'), direction: 'inout' })

const reaches = async (from: string, to: string) => (await cluster.ping(from, to)).received === 3

test.serial(
  'stations of one VLAN reach each other, physical ones and workloads, on frames with exactly its tag',
  async (t) => {
    const captures = await Promise.all(
      ['vm1', 'vm2', 'sw'].map((host) => sentBy(host, 'icmp or (vlan and icmp)')),
    )
    t.true(await reaches('pc', ip.desk))
    t.true(await reaches('outside', ip.pc))
    t.true(await reaches('files', ip.rack))
    t.true(await reaches('station', ip.files))
    const lines = (await Promise.all(captures.map((each) => each.stop()))).flat()
    t.true(lines.length >= 24, lines.join('\n'))
    for (const line of lines) {
      const tag = line.includes('192.168.5.') ? 5 : 10
      t.regex(
        line,
        new RegExp(`ethertype 802\\.1Q \\(0x8100\\), length \\d+: vlan ${tag}, p 0, ethertype IPv4`),
      )
    }
  },
)

test.serial('the router tells physical stations, too, what becomes of their packets', async (t) => {
  for (const [from, to, router] of [
    ['outside', ip.files, '192.168.5.1'],
    ['station', ip.pc, '192.168.10.1'],
  ] as const) {
    // What a router says to a station that it does not know yet is lost like any first packet.
    await until('the router knows the station', async () => (await cluster.ping(from, to, 1)).received === 1)
    const { stdout } = await lab.exec(from, [
      'traceroute',
      '-n',
      '-q',
      '1',
      '-N',
      '1',
      '-m',
      '3',
      '-w',
      '2',
      to,
    ])
    const hops = stdout
      .split('\n')
      .slice(1)
      .flatMap((line) => line.trim().split(/\s+/)[1] ?? [])
    t.deepEqual(hops, [router, to], stdout)
  }
})

test.serial(
  'a broadcast reaches each station of its VLAN once, and the wire once, and no other VLAN',
  async (t) => {
    const places = { outside: 'desk', vm: 'eth0', files: 'eth0', station: 'desk' } as const
    const seen = await Promise.all(
      Object.entries(places).map(([name, device]) => capture(lab, name, 'udp or (vlan and udp)', { device })),
    )
    const wires = await Promise.all(['vm1', 'vm2'].map((host) => sentBy(host, 'vlan and udp')))
    const frames = [1, 2, 3].map((port) =>
      ethernet(
        broadcast,
        pcMac,
        0x0800,
        ipv4({ src: ip.pc, dst: '192.168.5.255', protocol: 17 }, udp(1000, port)),
      ),
    )
    await send(lab, 'pc', frames)
    await seen[0]?.line(/\.3: UDP/)
    await seen[1]?.line(/\.3: UDP/)
    // By the other way round: from a physical station.
    await send(
      lab,
      'station',
      [
        ethernet(
          broadcast,
          rack.mac,
          0x0800,
          ipv4({ src: ip.rack, dst: '192.168.10.255', protocol: 17 }, udp(1000, 9)),
        ),
      ],
      'desk',
    )
    await seen[2]?.line(/\.9: UDP/)
    await seen[1]?.line(/\.9: UDP/)
    const ports = async (at: number) =>
      ((await seen[at]?.stop()) ?? [])
        .map((line) => /(?:vlan (\d+),.*)?\.(\d+): UDP/.exec(line)?.slice(1).join(' '))
        .sort()
    t.deepEqual(await ports(0), [' 1', ' 2', ' 3'])
    t.deepEqual(await ports(1), ['105 1', '105 2', '105 3', '110 9'])
    t.deepEqual(await ports(2), [' 9'])
    t.deepEqual(await ports(3), [])
    const [first = [], second = []] = await Promise.all(wires.map((each) => each.stop()))
    const own = (lines: readonly string[]) => lines.filter((line) => line.startsWith(pcMac)).length
    // Once from vm1, and once to vm2, which sends it no further.
    t.deepEqual([own(first), own(second)], [3, 3])
  },
)

test.serial('other VLANs are reached by the router only, TTL less one', async (t) => {
  const seen = await capture(lab, 'files', 'icmp', { verbose: true })
  t.true(await reaches('pc', ip.files))
  await seen.line(/ttl 63/)
  for (const line of await seen.stop()) if (line.includes('IPv4')) t.regex(line, /ttl 63/)
  const racks = await capture(lab, 'station', 'icmp[0] == 8', { verbose: true, device: 'desk' })
  // The first packet for a station that the router does not know yet makes it ask for it.
  t.true((await cluster.ping('outside', ip.files)).received >= 2)
  t.true(await reaches('files', ip.desk))
  t.true((await cluster.ping('pc', ip.rack)).received >= 2)
  t.true(await reaches('pc', ip.rack))
  t.true(await reaches('outside', ip.rack))
  const heads = (await racks.stop()).filter((line) => line.includes('ttl'))
  t.true(heads.length >= 5)
  const macs = ['vm1', 'vm2'].map(wireMac)
  for (const line of heads) {
    t.regex(line, /ttl 63/)
    t.true(
      macs.some((mac) => line.startsWith(mac)),
      line,
    )
  }
  // Without the router there is no way: its MAC is the only one that leads to the other VLAN.
  const lost = ethernet(
    '00:16:3e:10:00:02',
    desk.mac,
    0x0800,
    ipv4({ src: ip.desk, dst: ip.files, protocol: 17 }, udp(7, 8)),
  )
  const drops = await capture(lab, 'files', 'udp')
  await send(lab, 'outside', [lost], 'desk')
  t.true(await reaches('outside', ip.files))
  t.deepEqual(await drops.stop(), [])
})

test.serial('who asks for the router on the wire is answered once', async (t) => {
  // So that the station itself has nobody to ask for again.
  await lab.exec('outside', ['ip', 'neigh', 'flush', 'dev', 'desk'])
  const seen = await capture(lab, 'outside', 'arp[6:2] == 2', { device: 'desk' })
  const asks = ethernet(
    broadcast,
    desk.mac,
    0x0806,
    arp({ op: 1, sha: desk.mac, spa: ip.desk, tpa: '192.168.5.1' }),
  )
  const asksPc = ethernet(
    broadcast,
    desk.mac,
    0x0806,
    arp({ op: 1, sha: desk.mac, spa: ip.desk, tpa: ip.pc }),
  )
  await send(lab, 'outside', [asks, asksPc], 'desk')
  await seen.line(new RegExp(`${ip.pc} is-at`))
  const lines = await seen.stop()
  t.is(lines.filter((line) => line.includes('192.168.5.1 is-at')).length, 1, lines.join('\n'))
  t.is(lines.filter((line) => line.includes(`${ip.pc} is-at ${pcMac}`)).length, 1)
  t.false(lines.some((line) => line.includes(routerMac)))
})

test.serial("a sub-port talks with its tag on the VM's interface, in its own network", async (t) => {
  const seen = await capture(lab, 'vm', 'vlan')
  const request = (mac: string, from: string, to: string) =>
    ethernet(broadcast, mac, 0x0806, arp({ op: 1, sha: mac, spa: from, tpa: to }))
  await send(lab, 'vm', [
    tagged(request(subStaff.mac, subStaff.ip, ip.pc), subStaff.tag),
    tagged(request(subStaff.mac, subStaff.ip, ip.desk), subStaff.tag),
    tagged(request(subServers.mac, subServers.ip, '192.168.10.1'), subServers.tag),
  ])
  await seen.line(new RegExp(`vlan 105, .*${ip.pc} is-at ${pcMac}`))
  await seen.line(new RegExp(`vlan 105, .*${ip.desk} is-at ${desk.mac}`))
  await seen.line(new RegExp(`vlan 110, .*192\\.168\\.10\\.1 is-at ${routerMac}`))
  // Both ways: the other end's own stack asks, and sends.
  await Promise.all(['pc', 'outside'].map((from) => cluster.ping(from, subStaff.ip, 1)))
  await seen.line(new RegExp(`vlan 105, .*${ip.pc} > ${subStaff.ip}: ICMP echo request`))
  await seen.line(new RegExp(`vlan 105, .*${ip.desk} > ${subStaff.ip}: ICMP echo request`))
  t.true((await seen.stop()).every((line) => /vlan (105|110),/.test(line)))
})

test.serial('an unknown tag goes nowhere: it is dropped, counted, and explained', async (t) => {
  const hello = (mac: string, src: string) =>
    ethernet(broadcast, mac, 0x0800, ipv4({ src, dst: '255.255.255.255', protocol: 17 }, udp(1, 4242)))
  const everybody = await Promise.all(
    (['pc', 'files', 'vm', 'outside', 'station'] as const).map((name) =>
      capture(lab, name, 'udp or (vlan and udp)', {
        device: name === 'outside' || name === 'station' ? 'desk' : 'eth0',
      }),
    ),
  )
  const otherMac = '00:16:3e:05:00:ee'
  const drops = await cluster.drops(async () => {
    await send(lab, 'vm', [
      tagged(hello(subStaff.mac, subStaff.ip), 106),
      tagged(hello(subStaff.mac, subStaff.ip), 5),
    ])
    await send(
      lab,
      'outside',
      [tagged(hello(otherMac, ip.desk), 6), tagged(hello(otherMac, ip.desk), 105)],
      'eth0',
    )
    t.true(await reaches('pc', ip.desk))
  })
  const drop = drops.find(
    ({ flow }) => flow.tableName === 'spoof-guard' && flow.source?.object === 'workload/office/vm',
  )
  t.is(drop?.packets, 2, JSON.stringify(drops, null, 1))
  for (const each of everybody) t.deepEqual(await each.stop(), [])
})

test.serial('a physical station that gets another MAC is reached, also by the router', async (t) => {
  const mac = '00:16:3e:05:00:c9'
  await lab.exec('outside', ['ip', 'link', 'set', 'desk', 'address', mac])
  await until('the new MAC', async () => (await cluster.ping('outside', ip.files, 1)).received === 1)
  await cluster.quiesce()
  t.true(await reaches('files', ip.desk))
  const stations = [...(await cluster.flows('vm2', 'neighbour'))].filter(({ actions }) =>
    actions.includes(mac),
  )
  t.is(stations.length, 1)
})

test.serial(
  'when the host that answers for the router dies another one does, until it is back',
  async (t) => {
    /** Who the station believes the router to be, once it has reached the other VLAN by it. */
    const router = async () => {
      if ((await cluster.ping('outside', ip.files, 1)).received === 0) return undefined
      const { stdout } = await lab.exec('outside', ['ip', 'neigh', 'show', '192.168.5.1', 'dev', 'desk'])
      return /lladdr (\S+)/.exec(stdout)?.[1]
    }
    await lab.exec('outside', ['ip', 'neigh', 'flush', 'dev', 'desk'])
    await until('the first host to answer', async () => (await router()) === wireMac('vm1'))
    const host = lab.host('vm1')
    await Promise.all(
      (['ovs-vswitchd', 'ovsdb-server'] as const).map((daemon) => host.stop(daemon, 'SIGKILL')),
    )
    await until('another host to answer', async () => (await router()) === wireMac('vm2'), 60)
    t.true(cluster.log.includes('nothing is heard of a host; others speak for routers on its VLANs'))
    await host.start('ovsdb-server')
    await host.start('ovs-vswitchd')
    await until('the first host to answer again', async () => (await router()) === wireMac('vm1'), 60)
    await cluster.converge()
    t.true(await reaches('pc', ip.files))
  },
)

test.serial('a host that lacks the bridge is told of, and reaches the VLAN by another', async (t) => {
  await lab.exec('vm2', ['ovs-vsctl', 'del-br', 'br-phys'])
  await cluster.converge()
  const text = 'host vm2 has no bridge br-phys: its workloads of network office/'
  const warnings = async () => (await cluster.client.status()).warnings
  await until('the warning', async () => (await warnings()).some((warning) => warning.startsWith(text)))
  t.true((await cluster.ping('files', ip.rack, 5)).received >= 3)
  t.true(await reaches('station', ip.files))
})
