/** Where packets that cannot go on end, and what their flows say of them. */
import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { meters } from '../../flows/answers.js'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { type ConnectionsByHost, execute, type Fields } from '../../src/execution/index.js'
import type { Change } from '../../src/model/rows.js'
import { readNotice } from '../../src/router/notice.js'
import { addressesOutside, Cluster, severalHosts, twoTenants } from '../support/cluster.js'
import { topologyOf } from '../support/execution.js'
import { network, put } from '../support/rows.js'

const nextHop = '0a:ee:00:00:00:01'
const outer = '0a:ff:00:00:00:01'
/** Ports of h1, and the MACs of their workloads. */
const one = { port: 1, mac: '0a:00:00:00:00:02', address: '192.168.1.2' }
const six = { port: 3, mac: '0a:00:00:00:00:04', address: '192.168.2.4', address6: '2001:db8:2::4' }

const clusterWith = (...more: readonly Change[]) =>
  new Cluster().commit(...twoTenants, ...addressesOutside, ...more)
const plain = clusterWith()

function packet(
  src: string,
  dst: string,
  macs: readonly [src: string, dst: string],
  more: Fields = {},
): Fields {
  const ip = src.includes(':')
    ? { ethType: 0x86dd, ipv6Src: src, ipv6Dst: dst }
    : { ethType: 0x0800, ipv4Src: src, ipv4Dst: dst }
  return {
    ethSrc: macs[0],
    ethDst: macs[1],
    ...ip,
    ipTtl: 64,
    ipProto: 17,
    udpSrc: 4000,
    udpDst: 53,
    ...more,
  }
}

const from = (station: typeof one, dst: string, more: Fields = {}) => {
  const src = dst.includes(':') ? six.address6 : station.address
  return { port: station.port, fields: packet(src, dst, [station.mac, routerMac], more) }
}
const outside = (dst: string, more: Fields = {}) => ({
  port: 200,
  fields: packet(dst.includes(':') ? '2001:db8:f::1' : '203.0.113.1', dst, [nextHop, outer], more),
})

interface Arriving {
  readonly port: number
  readonly fields: Fields
  readonly length?: number
}

/** How a packet ends: the kind, place and MTU that its flow tells the controller of, or what else becomes of it. */
function endOf(
  cluster: Cluster,
  { port, fields, length = 100 }: Arriving,
  connections?: ConnectionsByHost,
): { said: string; meter: number | undefined; connections: ConnectionsByHost } {
  const arrival = { host: 'h1', port, packet: { fields, length } }
  const { ends, connections: left } = execute(topologyOf(cluster), arrival, connections)
  const said: string[] = []
  let meter: number | undefined
  for (const end of ends) {
    if (end.end !== 'controller') said.push(end.end)
    else if (end.action.type === 'controller') {
      const notice = readNotice(end.action.userdata ?? new Uint8Array())
      if (notice) said.push(`${notice.kind} ${notice.place}${notice.mtu ? ` ${notice.mtu}` : ''}`)
      meter = end.action.meterId
    }
  }
  return { said: said.join(), meter, connections: left }
}

test('hops used up at a router, at a gateway, and on the way to a floating address', (t) => {
  for (const [arriving, said] of [
    [from(one, '192.0.2.1', { ipTtl: 1 }), 'hopsExceeded router'],
    [from(six, '192.168.3.6', { ipTtl: 1 }), 'hopsExceeded router'],
    [from(six, '2001:db8:9::1', { ipTtl: 1 }), 'hopsExceeded router'],
    [from(one, '192.0.2.1', { ipTtl: 2 }), 'hopsExceeded gateway'],
    [from(one, '203.0.113.12', { ipTtl: 2 }), 'hopsExceeded gateway'],
    [from(six, '2001:db8:9::1', { ipTtl: 2 }), 'hopsExceeded gateway'],
    [from(one, '192.0.2.1', { ipTtl: 3 }), 'output'],
    [outside('203.0.113.12', { ipTtl: 1 }), 'hopsExceeded router'],
    [outside('2001:db8:f::13', { ipTtl: 1 }), 'hopsExceeded router'],
    [outside('203.0.113.12', { ipTtl: 2 }), 'output'],
  ] as const)
    t.is(endOf(plain, arriving).said, said, JSON.stringify(arriving.fields))
})

test('what is for a router itself is answered however many hops it has left', (t) => {
  const echo = { ipProto: 1, icmpv4Type: 8, icmpv4Code: 0, udpSrc: undefined, udpDst: undefined }
  const { udpSrc: _, udpDst: __, ...fields } = { ...from(one, '192.168.1.1', { ipTtl: 1 }).fields, ...echo }
  t.is(endOf(plain, { port: one.port, fields: fields as Fields }).said, 'output')
})

test('no route, nobody there, and what is inside the cluster is not sought outside', (t) => {
  const without = clusterWith(
    { table: 'egress', id: 'a/internet' },
    { table: 'floatingIp', id: 'a/two' },
    { table: 'portForward', id: 'a/web' },
  )
  t.is(endOf(without, from(one, '192.0.2.1')).said, 'noRoute router')
  t.is(endOf(plain, from(six, '192.168.3.99')).said, 'noHost router')
  t.is(endOf(plain, from(six, '2001:db8:2::99')).said, 'noHost router')
  t.is(endOf(plain, from(one, '192.168.3.6')).said, 'noRoute gateway')
  for (const silent of ['127.0.0.1', '224.0.0.1', '169.254.1.1'])
    t.is(endOf(plain, from(one, silent)).said, 'dropped', silent)
})

test('packets from outside that are larger than the network lets through', (t) => {
  // A frame has 14 bytes more than its packet.
  for (const [length, said] of [
    [1450 + 14, 'output'],
    [1450 + 15, 'tooLarge router 1450'],
  ] as const) {
    t.is(endOf(plain, { ...outside('203.0.113.12'), length }).said, said)
    t.is(endOf(plain, { ...outside('2001:db8:f::13'), length }).said, said)
    const opened = endOf(plain, from(one, '192.0.2.1'))
    const back = packet('192.0.2.1', '203.0.113.70', [nextHop, outer], { udpSrc: 53, udpDst: 4000 })
    t.is(endOf(plain, { port: 200, fields: back, length }, opened.connections).said, said)
  }
})

test('between networks sizes are checked only into one that carries less than another', (t) => {
  const narrow = put('network', network('b/dmz', 3, { mtu: 1300 }))
  const packetTo = (length: number) => ({ ...from(six, '192.168.3.6'), length })
  t.is(endOf(plain, packetTo(1464)).said, 'output')
  t.is(endOf(plain, packetTo(1465)).said, 'output', 'the network’s own workloads send nothing larger')
  const cluster = clusterWith(narrow)
  t.is(endOf(cluster, packetTo(1314)).said, 'output')
  t.is(endOf(cluster, packetTo(1315)).said, 'tooLarge router 1300')
  const checks = (of: Cluster) => of.flows('h2').filter(([, , unit]) => unit.includes('too large')).length
  t.is(checks(plain), checks(cluster))
  const peers = [
    put('peering', { id: 'a/b', tenant: 'a', peer: 'b' }),
    put('peering', { id: 'b/a', tenant: 'b', peer: 'a' }),
  ]
  const peered = clusterWith(narrow, ...peers)
  t.is(endOf(peered, { ...from(one, '192.168.3.6'), length: 1315 }).said, 'tooLarge router 1300')
  t.is(endOf(peered, { ...from(one, '192.168.2.4'), length: 1465 }).said, 'output')
})

test('an uplink that carries less than some network', (t) => {
  const bridge = { id: 'h1', tunnelPort: 100, uplinks: { out: 200, far: 201 } }
  for (const [mtu, said] of [
    [1450, 'output'],
    [1400, 'tooLarge gateway 1400'],
  ] as const) {
    const cluster = clusterWith(put('bridge', { ...bridge, mtus: { out: mtu } }))
    for (const to of ['192.0.2.1', '203.0.113.1']) {
      t.is(endOf(cluster, { ...from(one, to), length: 1464 }).said, said, to)
      t.is(endOf(cluster, { ...from(one, to), length: 1414 }).said, 'output', to)
    }
  }
})

test('ports that nobody has refuse, and segments of unknown connections are told of as such', (t) => {
  const tcp = { ipProto: 6, tcpSrc: 4000, tcpDst: 99, udpSrc: undefined, udpDst: undefined }
  const segment = (tcpFlags: number) => {
    const { udpSrc: _, udpDst: __, ...fields } = { ...outside('203.0.113.70').fields, ...tcp, tcpFlags }
    return { port: 200, fields: fields as Fields }
  }
  const alone = endOf(plain, segment(0x02))
  t.is(alone.said, 'closed wire')
  t.is(alone.meter, meters.outside.id, 'whoever scans is in the way of nobody inside')
  t.is(endOf(plain, outside('203.0.113.70')).said, 'closed wire')
  for (const flags of [0x10, 0x18, 0x11]) t.is(endOf(plain, segment(flags)).said, 'orphaned wire', `${flags}`)
  for (const flags of [0x12, 0x04, 0x14]) t.is(endOf(plain, segment(flags)).said, 'dropped', `${flags}`)
  const refused = (cluster: Cluster) =>
    cluster
      .flows('h1')
      .filter(([, , unit]) => unit.includes('ports that nobody has'))
      .map(([key, content]) => decodeFlow(key, content).match.ipProto)
  t.deepEqual([...new Set(refused(plain))].sort(), [17, 6])
  const shared = new Cluster().commit(...twoTenants, ...severalHosts)
  t.deepEqual(refused(shared), [6, 6], 'a datagram may belong to a flow that another host has carried')
})

test('a new connection that gets no address outside', (t) => {
  // A workload with nothing but a forwarded port may answer, and not open.
  const cluster = clusterWith({ table: 'egress', id: 'a/internet' })
  const { said, meter } = endOf(cluster, from(one, '192.0.2.1'))
  t.is(said, 'untranslated gateway')
  t.is(meter, meters.router.id)
})
