import { readFileSync } from 'node:fs'
import test from 'ava'
import { linkLocal } from '../../flows/addresses.js'
import type { FlowView } from '../../src/api/contract.js'
import { capture } from './support/capture.js'
import {
  arp,
  broadcast,
  ethernet,
  icmp6,
  ipv4,
  ipv6,
  multicastMac,
  neighbour,
  send,
  tagged,
  udp,
} from './support/frames.js'
import { until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { wide } from './support/wide.js'

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    wide(files)
    for (const tenant of ['usr1', 'usr2'])
      files.edit(`${tenant}.yaml`, /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    files.edit('usr1.yaml', /^ip: 192\.168\.1\.2$/m, 'ip: [192.168.1.2, "2001:db8:1::2"]')
  },
})
cluster.belongTo(test)
const { lab } = cluster

const own = {
  mac: '00:16:3e:0c:07:73',
  ip: '192.168.1.2',
  ip6: '2001:db8:1::2',
  link: linkLocal('00:16:3e:0c:07:73'),
}
const other = { mac: '00:16:3e:29:de:c9', ip: '192.168.1.3', link: linkLocal('00:16:3e:29:de:c9') }
const strangerMac = '00:16:3e:a3:ba:15'
const allNodes = 'ff02::1'

const packet4 = (src: string, dst = '192.168.1.4', payload = udp(1000, 2000)) =>
  ipv4({ src, dst, protocol: 17 }, payload)
const inEther4 = (src: string, packet: Buffer, dst = broadcast) => ethernet(dst, src, 0x0800, packet)
const inEther6 = (src: string, packet: Buffer, dst = allNodes) =>
  ethernet(multicastMac(dst), src, 0x86dd, packet)
const asks = (sha: string, spa: string) =>
  ethernet(broadcast, own.mac, 0x0806, arp({ op: 1, sha, spa, tpa: '192.168.1.4' }))
const answers = (sha: string, spa: string) =>
  ethernet(broadcast, own.mac, 0x0806, arp({ op: 2, sha, spa, tha: other.mac, tpa: other.ip }))

/** What is sent from usr1-1, the table that must drop it, and the object that the drop must be attributed to. */
const forgeries: readonly (readonly [what: string, frame: Buffer, table: string, object: string])[] = [
  ['a source MAC of another', inEther4(other.mac, packet4(own.ip)), 'spoof-guard', 'workload/usr1/usr1-1'],
  [
    'a source address of another',
    inEther4(own.mac, packet4(other.ip)),
    'spoof-guard',
    'workload/usr1/usr1-1',
  ],
  [
    'a source address of nobody',
    inEther4(own.mac, packet4('8.8.8.8')),
    'spoof-guard',
    'workload/usr1/usr1-1',
  ],
  ['a router as source', inEther4(own.mac, packet4('192.168.1.1')), 'spoof-guard', 'workload/usr1/usr1-1'],
  [
    'an IPv6 source address of another',
    inEther6(own.mac, ipv6({ src: other.link, dst: allNodes, protocol: 17 }, udp(1, 2))),
    'spoof-guard',
    'workload/usr1/usr1-1',
  ],
  ['ARP with the MAC of another', asks(other.mac, own.ip), 'spoof-guard', 'workload/usr1/usr1-1'],
  ['ARP with the address of another', asks(own.mac, other.ip), 'spoof-guard', 'workload/usr1/usr1-1'],
  ['an ARP answer for another', answers(own.mac, '192.168.1.1'), 'spoof-guard', 'workload/usr1/usr1-1'],
  ['an ARP answer of its own', answers(own.mac, own.ip), 'arp', 'network/usr1/lan'],
  ['a VLAN tag', tagged(inEther4(own.mac, packet4(own.ip)), 5), 'spoof-guard', 'workload/usr1/usr1-1'],
  ['a priority tag', tagged(inEther4(own.mac, packet4(own.ip)), 0), 'spoof-guard', 'workload/usr1/usr1-1'],
  [
    "another tenant's MAC",
    inEther4(own.mac, packet4(own.ip, '192.168.2.2'), strangerMac),
    'switch',
    'network/usr1/lan',
  ],
  [
    'a solicitation with the MAC of another',
    inEther6(
      own.mac,
      icmp6(own.ip6, 'ff02::1:ff00:3', 135, neighbour(0, '2001:db8:1::3', 1, other.mac)),
      'ff02::1:ff00:3',
    ),
    'service-guard',
    'cluster/campus',
  ],
  [
    'a neighbour advertisement',
    inEther6(own.mac, icmp6(own.ip6, allNodes, 136, neighbour(0x20, '2001:db8:1::1', 2, own.mac))),
    'service-guard',
    'cluster/campus',
  ],
]

/** What is dropped too, and of which the controller is told, so that it can say who it was. */
const served: readonly (readonly [what: string, frame: Buffer])[] = [
  ['a DHCP answer', inEther4(own.mac, packet4(own.ip, '255.255.255.255', udp(67, 68)))],
  ['a DHCP answer from another port', inEther4(own.mac, packet4(own.ip, '255.255.255.255', udp(1067, 68)))],
  ['a DHCP server to a relay', inEther4(own.mac, packet4(own.ip, '255.255.255.255', udp(67, 67)))],
  ['a DHCPv6 answer', inEther6(own.mac, ipv6({ src: own.link, dst: allNodes, protocol: 17 }, udp(547, 546)))],
  ['a router advertisement', inEther6(own.mac, icmp6(own.link, allNodes, 134, Buffer.alloc(12)))],
  ['a redirect', inEther6(own.mac, icmp6(own.link, allNodes, 137, Buffer.alloc(36)))],
]
const servedBy = ['DHCP answers', 'router advertisements and redirects']

let port = 0

test.before(async (t) => {
  // What the stack sends of its own accord would be counted as well.
  await lab.exec('usr1-1', ['sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'])
  for await (const object of cluster.client.get('workload', 'usr1-1')) port = Number(object.ofport)
  t.true(port > 0)
})

const count = 5

for (const [what, frame, table, object] of forgeries)
  test.serial(`${what} is dropped, counted, and explained`, async (t) => {
    const drops = await cluster.drops(() =>
      send(
        lab,
        'usr1-1',
        Array.from({ length: count }, () => frame),
      ),
    )
    const drop = drops.find(({ flow }) => flow.tableName === table && flow.source?.object === object)
    t.is(drop?.packets, count, JSON.stringify(drops, null, 1))
    t.true(drop && isAt(drop.flow), JSON.stringify(drop?.flow.source))
    t.is(drop?.flow.host, 'vm1')
    t.is(drop?.flow.table, await traceEnd(frame))
  })

test.serial(
  'what a DHCP server or router says is dropped, counted, explained, and its sender named',
  async (t) => {
    await send(
      lab,
      'usr1-1',
      served.map(([, frame]) => frame),
    )
    for (const who of ['DHCP server', 'router'])
      await until('the log', async () => cluster.log.includes(`usr1/usr1-1 plays ${who}`))
    await cluster.revalidated()
    const guard = (await cluster.flows('vm1', 'service-guard')).filter(({ rule = '' }) =>
      servedBy.includes(rule),
    )
    t.is(
      guard.reduce((sum, { packets }) => sum + Number(packets), 0),
      served.length,
    )
    for (const flow of guard) t.true(flow.source?.object === 'cluster/campus' && isAt(flow))
  },
)

test.serial('nothing of it reaches anybody', async (t) => {
  const names = ['usr1-2', 'usr1-3', 'usr1-4', 'usr2-1', 'usr2-2']
  const captures = await Promise.all(
    names.map((name) => capture(lab, name, `ether src ${own.mac} or ether src ${other.mac}`)),
  )
  await send(
    lab,
    'usr1-1',
    [...forgeries, ...served].map(([, frame]) => frame),
  )
  const hello = inEther4(own.mac, packet4(own.ip, '255.255.255.255', udp(1111, 2222)))
  await send(lab, 'usr1-1', [hello])
  for (const [i, name] of names.entries()) {
    if (name.startsWith('usr1')) await captures[i]?.line(/1111 > 255\.255\.255\.255\.2222/)
    const lines = await captures[i]?.stop()
    t.is(lines?.length, name.startsWith('usr1') ? 1 : 0, `${name}: ${lines?.join('\n')}`)
  }
})

/** Whether the line that a drop is attributed to begins the document of that object. */
function isAt({ source }: FlowView): boolean {
  if (source?.file === undefined || source.line === undefined) return false
  const [kind = '', ...names] = source.object.split('/')
  const lines = readFileSync(source.file, 'utf8')
    .split('\n')
    .slice(source.line - 1)
  const [document = ''] = lines.join('\n').split(/^---$/m)
  const fields = names.length === 2 ? [`tenant: ${names[0]}`, `name: ${names[1]}`] : [`name: ${names[0]}`]
  return (
    document.toLowerCase().startsWith(`kind: ${kind}\n`) &&
    fields.every((field) => document.includes(`\n${field}\n`))
  )
}

/** Where the switch itself says that the frame ends: the table of the last step of its trace (ovs-vswitchd(8)). */
async function traceEnd(frame: Buffer): Promise<number> {
  const argv = ['ovs-appctl', 'ofproto/trace', 'br-int', `in_port=${port}`, frame.toString('hex')]
  const { stdout, stderr } = await lab.exec('vm1', argv)
  if (!/^Datapath actions: drop$/m.test(stdout)) throw new Error(`not dropped: ${stdout}${stderr}`)
  return Number([...stdout.matchAll(/^ *(\d+)\. /gm)].at(-1)?.[1])
}
