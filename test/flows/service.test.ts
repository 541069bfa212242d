/** Services: where packets to them go, and what comes back, executed on the flows of two hosts. */
import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { type ConnectionsByHost, type End, execute, type Fields } from '../../src/execution/index.js'
import type { Change } from '../../src/model/rows.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { type SourcedFlow, topologyOf } from '../support/execution.js'
import { mirror, network, port, put, service, workload } from '../support/rows.js'

const web = service('b/web', 50, {
  ports: [
    { protocol: 'tcp', range: [80, 80] },
    { protocol: 'tcp', range: [8443, 8443], target: 443 },
    { protocol: 'udp', range: [53, 53] },
  ],
})
const any = service('b/any', 51, { addresses: ['10.96.0.10'] })
const clusterWith = (...changes: readonly Change[]) => new Cluster().commit(...twoTenants, ...changes)
const virtual = '192.168.2.80'

/** A packet between addresses, with what more there is to say. */
function packet(from: string, to: string, fields: Fields): Fields {
  const ends = to.includes(':')
    ? { ethType: 0x86dd, ipv6Src: from, ipv6Dst: to }
    : { ethType: 0x0800, ipv4Src: from, ipv4Dst: to }
  return { ipTtl: 64, ...ends, ...fields }
}

const syn = (tcpSrc: number, tcpDst: number): Fields => ({ ipProto: 6, tcpSrc, tcpDst, tcpFlags: 2 })
const synAck = (tcpSrc: number, tcpDst: number): Fields => ({ ...syn(tcpSrc, tcpDst), tcpFlags: 0x12 })
const ack = (tcpSrc: number, tcpDst: number): Fields => ({ ...syn(tcpSrc, tcpDst), tcpFlags: 0x10 })
const datagram = (udpSrc: number, udpDst: number): Fields => ({ ipProto: 17, udpSrc, udpDst })

/** What workloads say to each other on one cluster, which remembers their connections. */
class Talk {
  #connections: ConnectionsByHost = new Map()

  constructor(readonly cluster: Cluster) {}

  /** What becomes of a packet: `b/two 192.168.2.4:40000 > 192.168.2.5:80`, or how it ends and by which rule. */
  say(from: string, fields: Fields, mac = routerMac): string {
    const placement = this.cluster.model.get('placement', from)
    const sender = this.cluster.model.get('workload', from)
    if (!placement || !sender) throw new Error(`${from} is nowhere`)
    const arrival = { host: placement.host, port: placement.ofport }
    const sent = { ethSrc: sender.mac, ethDst: mac, ...fields }
    const { ends, connections } = execute(
      topologyOf(this.cluster),
      { ...arrival, packet: { fields: sent } },
      this.#connections,
    )
    this.#connections = connections
    return ends.flatMap(told).join(' and ')
  }
}

function told(end: End<SourcedFlow>): string | [] {
  const { header, step } = end
  if (end.end === 'dropped' && step.lookup?.flow.actions.some(({ type }) => type === 'clone')) return []
  if (end.end !== 'output') return `${end.end} by ${step.lookup?.flow.unit}`
  const lead = end.lead.to === 'station' ? end.lead.name : end.lead.to
  const six = header.value('ethType') === 0x86dd
  const [source, destination] = six ? (['ipv6Src', 'ipv6Dst'] as const) : (['ipv4Src', 'ipv4Dst'] as const)
  const protocol = header.number('ipProto') === 6 ? 'tcp' : 'udp'
  const text = (address: typeof source | typeof destination, side: 'Src' | 'Dst') => {
    const known = protocol === 'tcp' || header.number('ipProto') === 17
    return `${header.value(address)}${known ? `:${header.number(`${protocol}${side}`)}` : ''}`
  }
  return `${lead} ${text(source, 'Src')} > ${text(destination, 'Dst')}`
}

test('a connection gets a backend, on another host, and answers come from the service', (t) => {
  const talk = new Talk(clusterWith(put('service', web)))
  const there = 'b/two 192.168.2.4:40000 > 192.168.2.5:80'
  t.is(talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))), there)
  t.is(
    talk.say('b/two', packet('192.168.2.5', '192.168.2.4', synAck(80, 40_000)), '0a:00:00:00:00:04'),
    'b/one 192.168.2.80:80 > 192.168.2.4:40000',
  )
  t.is(talk.say('b/one', packet('192.168.2.4', virtual, ack(40_000, 80))), there)
  t.is(
    talk.say('b/one', packet('192.168.2.4', '192.168.2.5', syn(40_001, 80)), '0a:00:00:00:00:05'),
    'b/two 192.168.2.4:40001 > 192.168.2.5:80',
    'the backend itself',
  )
  t.is(
    talk.say('b/two', packet('192.168.2.5', '192.168.2.4', synAck(80, 40_001)), '0a:00:00:00:00:04'),
    'b/one 192.168.2.5:80 > 192.168.2.4:40001',
    'answers of the backend itself',
  )
})

test('IPv6, other ports of backends, clients in other networks and on the same host', (t) => {
  const talk = new Talk(clusterWith(put('service', web)))
  t.is(
    talk.say('b/one', packet('2001:db8:2::4', '2001:db8:2::80', datagram(40_000, 53))),
    'b/two 2001:db8:2::4:40000 > 2001:db8:2::5:53',
  )
  t.is(
    talk.say('b/two', packet('2001:db8:2::5', '2001:db8:2::4', datagram(53, 40_000)), '0a:00:00:00:00:04'),
    'b/one 2001:db8:2::80:53 > 2001:db8:2::4:40000',
  )
  t.is(
    talk.say('b/far', packet('192.168.3.6', virtual, syn(40_000, 8443))),
    'b/two 192.168.3.6:40000 > 192.168.2.5:443',
  )
  t.is(
    talk.say('b/two', packet('192.168.2.5', '192.168.3.6', synAck(443, 40_000))),
    'b/far 192.168.2.80:8443 > 192.168.3.6:40000',
  )
})

test('a fragment that begins a connection goes by its port, and waits if it is not the first', (t) => {
  const talk = new Talk(clusterWith(put('service', web)))
  const say = (fields: Fields) => talk.say('b/one', packet('192.168.2.4', virtual, { ...fields, ipFrag: 1 }))
  t.is(say(datagram(40_000, 53)), 'b/two 192.168.2.4:40000 > 192.168.2.5:53')
  t.is(say(syn(40_000, 8443)), 'b/two 192.168.2.4:40000 > 192.168.2.5:443')
  t.is(say(datagram(40_001, 54)), 'controller by service/address of a service/b/web')
  t.regex(say({ ipProto: 132, sctpSrc: 40_001, sctpDst: 53 }), /^dropped by/)
})

test('who is its own backend sees the service at the other end', (t) => {
  const talk = new Talk(clusterWith(put('service', web)))
  t.is(
    talk.say('b/two', packet('192.168.2.5', virtual, syn(40_000, 80))),
    'b/two 192.168.2.80:40000 > 192.168.2.5:80',
  )
  t.is(
    talk.say('b/two', packet('192.168.2.5', virtual, synAck(80, 40_000))),
    'b/two 192.168.2.80:80 > 192.168.2.5:40000',
  )
  t.is(
    talk.say('b/two', packet('192.168.2.5', virtual, ack(40_000, 80))),
    'b/two 192.168.2.80:40000 > 192.168.2.5:80',
  )
})

test('without ports everything goes to a backend, and an address in no network is as good as any', (t) => {
  const talk = new Talk(clusterWith(put('service', any)))
  t.is(
    talk.say('b/one', packet('192.168.2.4', '10.96.0.10', datagram(40_000, 4444))),
    'b/two 192.168.2.4:40000 > 192.168.2.5:4444',
  )
  const ping = (icmpv4Type: number): Fields => ({ ipProto: 1, icmpv4Type, icmpv4Code: 0 })
  t.is(talk.say('b/one', packet('192.168.2.4', '10.96.0.10', ping(8))), 'b/two 192.168.2.4 > 192.168.2.5')
  t.is(
    talk.say('b/two', packet('192.168.2.5', '192.168.2.4', ping(0)), '0a:00:00:00:00:04'),
    'b/one 10.96.0.10 > 192.168.2.4',
  )
})

test('what a service does not offer is refused; it answers pings itself', (t) => {
  const talk = new Talk(clusterWith(put('service', web)))
  const by = 'service/address of a service/b/web'
  t.is(talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 81))), `controller by ${by}`)
  t.is(talk.say('b/one', packet('192.168.2.4', virtual, datagram(40_000, 80))), `controller by ${by}`)
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, { ipProto: 1, icmpv4Type: 8 })),
    'b/one 192.168.2.80 > 192.168.2.4',
  )
  t.is(
    talk.say('b/one', packet('2001:db8:2::4', '2001:db8:2::80', { ipProto: 58, icmpv6Type: 128 })),
    'b/one 2001:db8:2::80 > 2001:db8:2::4',
  )
})

test('a service without backends refuses, also one whose backends run nowhere', (t) => {
  const refused = 'controller by service/address of a service/b/web'
  for (const changes of [
    [put('service', { ...web, backends: { role: 'nobody' } })],
    [put('service', web), { table: 'port', id: 'h2/b2' } as const],
  ]) {
    const talk = new Talk(clusterWith(...changes))
    t.is(talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))), refused)
    t.is(talk.say('b/one', packet('192.168.2.4', virtual, { ipProto: 1, icmpv4Type: 8 })), refused)
  }
})

test('connections to a backend that is gone end, those to others live on', (t) => {
  const second = workload('b/far', 'b/dmz', 6, { addresses: ['192.168.3.6'], labels: { role: 'web' } })
  const cluster = clusterWith(put('service', web), put('workload', second))
  const talk = new Talk(cluster)
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))),
    'b/far 192.168.2.4:40000 > 192.168.3.6:80',
  )
  cluster.commit(put('workload', { ...second, labels: {} }))
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, ack(40_000, 80))),
    'dropped by service-translated/packets for who is no backend any more/b',
  )
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, syn(40_001, 80))),
    'b/two 192.168.2.4:40001 > 192.168.2.5:80',
  )
  cluster.commit(put('workload', second))
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, ack(40_001, 80))),
    'b/two 192.168.2.4:40001 > 192.168.2.5:80',
  )
})

test('in a network that is not routed, a service is of that network', (t) => {
  const cluster = clusterWith(
    put('network', network('b/lan', 2, { routed: false })),
    put('workload', workload('b/far', 'b/dmz', 6, { addresses: ['192.168.3.6'], labels: { role: 'web' } })),
    put('service', web),
  )
  const talk = new Talk(cluster)
  t.deepEqual(
    Array.from(cluster.model.rows('backend'), ({ workload: of }) => of),
    ['b/two'],
  )
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))),
    'b/two 192.168.2.4:40000 > 192.168.2.5:80',
  )
  t.regex(talk.say('b/far', packet('192.168.3.6', virtual, syn(40_000, 80))), /^controller by exit\//)
})

test('of a tenant alone: another one has the same address for itself, or nobody there', (t) => {
  const own = service('a/web', 52, { addresses: [virtual], backends: { role: 'other' } })
  const other = put('workload', workload('a/two', 'a/lan', 3, { labels: { role: 'other' } }))
  const apart = new Talk(clusterWith(put('service', web)))
  t.regex(apart.say('a/one', packet('192.168.1.2', virtual, syn(40_000, 80))), /^dropped by |^controller by /)
  const both = new Talk(clusterWith(put('service', web), put('service', own), other))
  t.is(
    both.say('a/one', packet('192.168.1.2', virtual, syn(40_000, 80))),
    'a/two 192.168.1.2:40000 > 192.168.1.3:80',
  )
  t.is(
    both.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))),
    'b/two 192.168.2.4:40000 > 192.168.2.5:80',
  )
})

const peers = [
  put('peering', { id: 'a/b', tenant: 'a', peer: 'b' }),
  put('peering', { id: 'b/a', tenant: 'b', peer: 'a', networks: ['lan'] }),
]

test('tenants that peer ask it too, from the networks that take part', (t) => {
  const talk = new Talk(clusterWith(put('service', web), put('service', any), ...peers))
  for (const [address, port] of [
    [virtual, 40_000],
    ['10.96.0.10', 40_001],
  ] as const) {
    t.is(
      talk.say('a/one', packet('192.168.1.2', address, syn(port, 80))),
      `b/two 192.168.1.2:${port} > 192.168.2.5:80`,
    )
    t.is(
      talk.say('b/two', packet('192.168.2.5', '192.168.1.2', synAck(80, port))),
      `a/one ${address}:80 > 192.168.1.2:${port}`,
    )
  }
  t.regex(
    new Talk(clusterWith(put('service', web), ...peers.slice(1))).say(
      'a/one',
      packet('192.168.1.2', virtual, syn(40_000, 80)),
    ),
    /^controller by exit/,
    'only one of the two says so',
  )
})

test('a peer does not ask a service with a backend that is not shared, nor instead of its own', (t) => {
  const hidden = put(
    'workload',
    workload('b/far', 'b/dmz', 6, { addresses: ['192.168.3.6'], labels: { role: 'web' } }),
  )
  const partly = new Talk(clusterWith(put('service', any), hidden, ...peers))
  t.regex(partly.say('a/one', packet('192.168.1.2', '10.96.0.10', syn(40_000, 80))), /^outside /)
  const own = service('a/any', 52, { addresses: ['10.96.0.10'], backends: {} })
  const both = new Talk(clusterWith(put('service', any), put('service', own), ...peers))
  t.is(
    both.say('a/two', packet('192.168.1.3', '10.96.0.10', syn(40_000, 80))),
    'a/one 192.168.1.3:40000 > 192.168.1.2:80',
  )
})

test('once it is gone, the flows are those of a cluster that never had one', (t) => {
  const cluster = clusterWith(put('service', web), put('service', any))
  const never = clusterWith()
  for (const host of ['h1', 'h2']) t.notDeepEqual(cluster.flows(host), never.flows(host))
  cluster.commit({ table: 'service', id: 'b/web' }, { table: 'service', id: 'b/any' })
  for (const host of ['h1', 'h2']) {
    t.deepEqual(cluster.flows(host), never.flows(host))
    t.deepEqual(
      [...(cluster.engine.groupsAndMeters(host)?.keys() ?? [])],
      [...(never.engine.groupsAndMeters(host)?.keys() ?? [])],
    )
  }
})

test('backends on hosts come and go as ports do', (t) => {
  const cluster = clusterWith(put('service', web))
  const buckets = () => [...cluster.model.rows('backend')].length
  t.is(buckets(), 2)
  cluster.commit(
    put('workload', workload('b/new', 'b/lan', 9, { addresses: ['192.168.2.9'], labels: { role: 'web' } })),
  )
  t.is(buckets(), 3)
  cluster.commit(put('port', port('h1', 'b9', 'b/new', 9)), { table: 'port', id: 'h2/b2' })
  const talk = new Talk(cluster)
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))),
    'b/new 192.168.2.4:40000 > 192.168.2.9:80',
  )
})

test('a mirror sees what is said to the service, and what the service answers', (t) => {
  const clients = put('mirror', mirror('b/m', 60, { to: 'b/far', select: { role: 'client' } }))
  const talk = new Talk(clusterWith(put('service', web), clients))
  t.is(
    talk.say('b/one', packet('192.168.2.4', virtual, syn(40_000, 80))),
    'b/far 192.168.2.4:40000 > 192.168.2.80:80 and b/two 192.168.2.4:40000 > 192.168.2.5:80',
  )
  const answer = '192.168.2.80:80 > 192.168.2.4:40000'
  t.is(
    talk.say('b/two', packet('192.168.2.5', '192.168.2.4', synAck(80, 40_000)), '0a:00:00:00:00:04'),
    `b/far ${answer} and b/one ${answer}`,
  )
  const webs = put('mirror', mirror('b/m', 60, { to: 'b/far', select: { role: 'web' } }))
  t.is(
    new Talk(clusterWith(put('service', web), webs)).say(
      'b/two',
      packet('192.168.2.5', virtual, syn(40_000, 80)),
    ),
    [
      'b/far 192.168.2.5:40000 > 192.168.2.80:80',
      ...['b/far', 'b/two'].map((name) => `${name} 192.168.2.80:40000 > 192.168.2.5:80`),
    ].join(' and '),
  )
})
