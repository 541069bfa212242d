import test from 'ava'
import { routerMac, wireMac } from '../../flows/addresses.js'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import type { Fields } from '../../src/execution/index.js'
import { Cluster, twoTenants, vlans } from '../support/cluster.js'
import { contradictions } from '../support/overlap.js'
import { policy } from '../support/policies.js'
import { egress, host, network, put, workload } from '../support/rows.js'
import { Walk } from '../support/walk.js'

const cluster = () => new Cluster().commit(...twoTenants, ...vlans)
const walk = new Walk(cluster())

const broadcast = 'ff:ff:ff:ff:ff:ff'
const physical = { mac: '0a:ee:00:00:02:00', ip: '192.168.15.200' }
const stranger = { mac: '0a:ee:00:00:02:01', ip: '192.168.15.201' }
const macs = { one: '0a:00:00:00:00:29', two: '0a:00:00:00:00:2a', lone: '0a:00:00:00:00:2b' }
const ports = { h1: 300, h2: 301 } as const

const packet = (ethSrc: string, ipv4Src: string, ethDst: string, ipv4Dst: string): Fields => ({
  ...{ ethSrc, ethDst, ethType: 0x0800, ipv4Src, ipv4Dst, ipProto: 17, ipTtl: 64 },
})
const asks = (mac: string, arpSpa: string, arpTpa: string): Fields => ({
  ...{ ethSrc: mac, ethDst: broadcast, ethType: 0x0806, arpOp: 1, arpSha: mac, arpSpa, arpTpa },
})
/** A frame from the wire, as every host of the bridge sees it. */
const fromWire = (fields: Fields, tag = 5): readonly string[] =>
  (['h1', 'h2'] as const).flatMap((host) =>
    walk.at(host, ports[host], { ...fields, ...(tag > 0 && { vlanVid: 0x1000 | tag }) }),
  )

test('what a workload sends to a physical station enters the wire at its own host, with exactly the tag', (t) => {
  t.deepEqual(walk.from('v/one', packet(macs.one, '192.168.15.41', stranger.mac, stranger.ip)), [
    'wire h1 tag 5',
  ])
  t.deepEqual(walk.from('v/two', packet(macs.two, '192.168.15.42', stranger.mac, stranger.ip)), [
    'wire h2 tag 5',
  ])
})

test('a host without the bridge uses that of the first that has it', (t) => {
  t.deepEqual(walk.from('v/lone', packet(macs.lone, '192.168.15.43', stranger.mac, stranger.ip)), [
    'wire h1 tag 5',
  ])
  t.deepEqual(fromWire(packet(stranger.mac, stranger.ip, macs.lone, '192.168.15.43')), ['v/lone'])
})

test('workloads reach each other by the tunnel', (t) => {
  t.deepEqual(walk.from('v/one', packet(macs.one, '192.168.15.41', macs.two, '192.168.15.42')), ['v/two'])
  t.deepEqual(walk.from('v/lone', packet(macs.lone, '192.168.15.43', macs.two, '192.168.15.42')), ['v/two'])
})

test('a broadcast reaches each station once, and the wire once, whoever sends it', (t) => {
  for (const [id, mac, ip, on] of [
    ['v/one', macs.one, '192.168.15.41', 'h1'],
    ['v/two', macs.two, '192.168.15.42', 'h2'],
    ['v/lone', macs.lone, '192.168.15.43', 'h1'],
  ] as const) {
    const others = ['v/lone', 'v/one', 'v/two'].filter((each) => each !== id)
    const sent = packet(mac, ip, broadcast, '192.168.15.255')
    t.deepEqual(walk.from(id, sent), [...others, `wire ${on} tag 5`])
    // It comes round by the wire, and goes no further.
    t.deepEqual(fromWire(sent), [])
  }
  t.deepEqual([...fromWire(packet(physical.mac, physical.ip, broadcast, '192.168.15.255'))].sort(), [
    'v/lone',
    'v/one',
    'v/two',
  ])
})

test('a packet of the wire is delivered once, by the host of its workload', (t) => {
  t.deepEqual(fromWire(packet(physical.mac, physical.ip, macs.one, '192.168.15.41')), ['v/one'])
  t.deepEqual(fromWire(packet(physical.mac, physical.ip, macs.two, '192.168.15.42')), ['v/two'])
  t.deepEqual(fromWire(packet(physical.mac, physical.ip, stranger.mac, stranger.ip)), [])
})

test('packets of the wire for a MAC that several may use reach them, and packets of theirs go back', (t) => {
  const [vip, mac] = ['192.168.15.100', '00:00:5e:00:01:05']
  const one = { ...walk.cluster.model.get('workload', 'v/one') }
  const two = { ...walk.cluster.model.get('workload', 'v/two') }
  const allowed = [{ ip: vip, mac }]
  const shared = new Walk(
    cluster().commit(
      ...[one, two].map((row) =>
        put('workload', { ...workload(row.id ?? '', 'v/five', row.key ?? 0), ...row, allowed }),
      ),
    ),
  )
  const seen = (['h1', 'h2'] as const).map((host) =>
    shared.at(host, ports[host], { ...packet(physical.mac, physical.ip, mac, vip), vlanVid: 0x1005 }),
  )
  t.deepEqual(seen, [['v/one'], ['v/two']])
  const answer = { ...asks(mac, vip, physical.ip), arpOp: 2, ethDst: physical.mac }
  t.deepEqual(shared.from('v/two', answer), ['controller', 'wire h2 tag 5'])
})

test('other tags, none, and tags within tags go nowhere', (t) => {
  const sent = packet(physical.mac, physical.ip, macs.one, '192.168.15.41')
  for (const tag of [0, 6, 10, 4095]) t.deepEqual(fromWire(sent, tag), [], `${tag}`)
})

test('nobody on the wire speaks for a workload, a router, or another network of the tenant', (t) => {
  const to = [macs.one, '192.168.15.41'] as const
  for (const [mac, ip] of [
    [macs.two, '192.168.15.42'],
    [physical.mac, '192.168.15.42'],
    [physical.mac, '192.168.15.1'],
    [physical.mac, '192.168.17.45'],
    [wireMac('h2'), '192.168.16.44'],
  ] as const)
    t.deepEqual(fromWire(packet(mac, ip, ...to)), [], `${mac} ${ip}`)
  t.deepEqual(fromWire(asks(physical.mac, '192.168.15.1', '192.168.15.41')), [])
})

test('who asks on the wire is answered by one host', (t) => {
  const answers = (target: string) =>
    (['h1', 'h2'] as const).flatMap((host) =>
      walk
        .ends(host, ports[host], { ...asks(physical.mac, physical.ip, target), vlanVid: 0x1005 })
        .filter(({ name, header }) => name?.startsWith('wire') && header.value('arpOp') === 2)
        .map(({ name, header }) => [name, header.value('arpSha'), header.value('ethSrc')]),
    )
  t.deepEqual(answers('192.168.15.41'), [['wire h1 tag 5', macs.one, macs.one]])
  t.deepEqual(answers('192.168.15.42'), [['wire h2 tag 5', macs.two, macs.two]])
  t.deepEqual(answers('192.168.15.43'), [['wire h1 tag 5', macs.lone, macs.lone]])
  t.deepEqual(answers('192.168.15.1'), [['wire h1 tag 5', wireMac('h1'), wireMac('h1')]])
  t.deepEqual(answers('192.168.15.99'), [])
})

test('workloads ask the wire for what no file says, and get the answer', (t) => {
  t.deepEqual(walk.from('v/two', asks(macs.two, '192.168.15.42', stranger.ip)), ['wire h2 tag 5'])
  // The host that asks for it shows the question to its own workloads, too.
  t.deepEqual(walk.from('v/lone', asks(macs.lone, '192.168.15.43', stranger.ip)), ['v/one', 'wire h1 tag 5'])
  const answer = { ...asks(stranger.mac, stranger.ip, '192.168.15.42'), arpOp: 2, ethDst: macs.two }
  t.deepEqual(fromWire(answer), ['v/two'])
})

test('the router joins VLANs: TTL less one, the MAC of its host on the wire', (t) => {
  const routed = (host: 'h1' | 'h2', dst: string, tag: number) =>
    walk
      .ends(host, ports[host], {
        ...packet(physical.mac, tag === 5 ? physical.ip : '192.168.16.200', wireMac(host), dst),
        vlanVid: 0x1000 | tag,
      })
      .flatMap(({ name, header }) =>
        name ? [[name, header.value('ethSrc'), header.value('ethDst'), header.value('ipTtl')]] : [],
      )
  t.deepEqual(routed('h1', '192.168.16.44', 5), [['v/ten', routerMac, '0a:00:00:00:00:2c', 63]])
  t.deepEqual(routed('h2', '192.168.17.45', 5), [['v/in', routerMac, '0a:00:00:00:00:2d', 63]])
  // From station to station, in and out of one port.
  t.deepEqual(routed('h2', physical.ip, 10), [['wire h2 tag 5', wireMac('h2'), physical.mac, 63]])
  // To one that is not known, or for the router of another host.
  t.deepEqual(routed('h2', stranger.ip, 10), [['controller', routerMac, wireMac('h2'), 63]])
  t.deepEqual(
    walk.at('h2', ports.h2, {
      ...packet(physical.mac, physical.ip, wireMac('h1'), '192.168.16.44'),
      vlanVid: 0x1005,
    }),
    [],
  )
})

test('workloads reach stations of other networks by their own host', (t) => {
  const out = walk.ends('h2', 45, packet('0a:00:00:00:00:2d', '192.168.17.45', routerMac, physical.ip))
  t.deepEqual(
    out.map(({ name, header }) => [
      name,
      header.value('ethSrc'),
      header.value('ethDst'),
      header.value('ipTtl'),
    ]),
    [['wire h2 tag 5', wireMac('h2'), physical.mac, 63]],
  )
})

test("physical stations leave by the tenant's egress, whichever host they come in at", (t) => {
  const leaving = new Walk(cluster().commit(put('egress', egress('v/internet', 5))))
  for (const host of ['h1', 'h2'] as const) {
    const out = leaving.ends(host, ports[host], {
      ...packet(physical.mac, physical.ip, wireMac(host), '8.8.8.8'),
      ...{ udpSrc: 1000, udpDst: 53, vlanVid: 0x1005 },
    })
    t.deepEqual(
      out.flatMap(({ name, header }) =>
        name ? [[name, header.value('ipv4Src'), header.value('ipTtl')]] : [],
      ),
      [['out', '203.0.113.70', 62]],
    )
  }
})

test("stations' answers to the router are told to the controller by the host that asked", (t) => {
  const answer = { ...asks(stranger.mac, stranger.ip, '192.168.15.1'), arpOp: 2, ethDst: wireMac('h1') }
  t.deepEqual(fromWire(answer), ['controller'])
})

test('IPv6 does likewise', (t) => {
  const solicits = (ndTarget: string, ethSrc: string, ipv6Src: string): Fields => ({
    ...{ ethSrc, ethDst: '33:33:ff:00:00:01', ethType: 0x86dd, ipProto: 58, icmpv6Type: 135, ipTtl: 255 },
    ...{ ipv6Src, ipv6Dst: 'ff02::1:ff00:1', ndTarget, ndSll: ethSrc },
  })
  const from = [physical.mac, '2001:db8:15::200'] as const
  // Those who do not answer show the question to their workloads.
  const answers = (target: string) =>
    fromWire(solicits(target, ...from)).filter((name) => name.startsWith('wire'))
  t.deepEqual(answers('2001:db8:15::41'), ['wire h1 tag 5'])
  t.deepEqual(answers('2001:db8:15::42'), ['wire h2 tag 5'])
  t.deepEqual(answers('2001:db8:15::1'), ['wire h1 tag 5'])
  t.deepEqual(answers('2001:db8:15::99'), [])
  t.deepEqual(walk.from('v/two', solicits('2001:db8:15::200', macs.two, '2001:db8:15::42')), [
    'wire h2 tag 5',
  ])
})

test('where policy concerns the tenant, what comes from the wire is judged at its workload', (t) => {
  const guarded = cluster().commit(
    put(
      'policy',
      policy('v/p', 1, {
        ingress: [
          {
            index: 0,
            position: 0,
            action: 'allow',
            log: false,
            peers: [{ kind: 'cidr', cidr: '192.168.15.200/32', except: [] }],
          },
        ],
      }),
    ),
    put('settled', { id: 'v' }),
  )
  const judged = new Walk(guarded)
  const at = (ip: string) =>
    judged.at('h1', 300, {
      ...packet(physical.mac, ip, macs.one, '192.168.15.41'),
      udpDst: 9,
      vlanVid: 0x1005,
    })
  t.deepEqual(at(physical.ip), ['v/one'])
  t.deepEqual(at(stranger.ip), [])
})

test('a network that its router does not join to others has no router on the wire, and knows any source', (t) => {
  const alone = new Walk(
    cluster().commit(
      put('network', network('v/five', 15, { routed: false, vlan: { bridge: 'br-phys', tag: 5 } })),
    ),
  )
  const at = (fields: Fields) => alone.at('h1', 300, { ...fields, vlanVid: 0x1005 })
  t.deepEqual(at(asks(physical.mac, physical.ip, '192.168.15.1')), ['v/lone', 'v/one'])
  t.deepEqual(at(packet(physical.mac, '8.8.8.8', macs.one, '192.168.15.41')), ['v/one'])
})

test('no flow contradicts another', (t) => {
  for (const host of ['h1', 'h2', 'h3']) {
    t.deepEqual([...(walk.cluster.engine.desired(host)?.conflicts() ?? [])], [])
    const flows = walk.cluster.flows(host).map(([key, content]) => decodeFlow(key, content))
    t.deepEqual([...contradictions(flows)], [])
  }
})

test('hosts that no station of a tenant is near have no flow of its VLANs', (t) => {
  const bare = cluster().commit(
    put('bridge', { id: 'h4', tunnelPort: 103, uplinks: {}, wires: { 'br-phys': 303 } }),
    put('host', host('h4', 4)),
  )
  for (const [, , unit] of bare.flows('h4')) t.notRegex(unit, /v\/five/)
})

test('what stations of the wire ask a DHCP server is for servers there, what workloads ask is not', (t) => {
  const five = walk.cluster.model.get('network', 'v/five')
  if (!five) return t.fail()
  const dhcp = { dns: [], domain: 'five.v.internal', lease: 3600 }
  const serving = new Walk(cluster().commit(put('network', { ...five, dhcp })))
  const discover = (mac: string) => ({
    ...packet(mac, '0.0.0.0', broadcast, '255.255.255.255'),
    ...{ udpSrc: 68, udpDst: 67 },
  })
  const onWire = { ...discover(stranger.mac), vlanVid: 0x1005 }
  const heard = (['h1', 'h2'] as const).flatMap((host) => serving.at(host, ports[host], onWire))
  t.deepEqual(heard.sort(), ['v/lone', 'v/one', 'v/two'])
  t.deepEqual(serving.from('v/one', discover(macs.one)), ['controller'])
  t.deepEqual(walk.from('v/one', discover(macs.one)), [])
})

test('a router of the wire that advertises itself is heard by workloads', (t) => {
  const advertisement: Fields = {
    ...{ ethSrc: stranger.mac, ethDst: '33:33:00:00:00:01', ethType: 0x86dd, ipProto: 58, ipTtl: 255 },
    ...{ ipv6Src: 'fe80::8ee:ff:fe00:201', ipv6Dst: 'ff02::1', icmpv6Type: 134 },
  }
  t.deepEqual([...fromWire(advertisement)].sort(), ['v/lone', 'v/one', 'v/two'])
})
