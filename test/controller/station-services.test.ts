import test from 'ava'
import { pino } from 'pino'
import { packetInReasons } from '../../flows/answers.js'
import { reg } from '../../flows/registers.js'
import { SparingLog } from '../../src/controller/sparing-log.js'
import { StationServices } from '../../src/controller/station-services.js'
import { serverId } from '../../src/dhcp6/server.js'
import { readQuery } from '../../src/dns/message.js'
import { domainNameBytes } from '../../src/frames/domain-name.js'
import { readPacket } from '../../src/frames/packet.js'
import { readDatagram, udpFrame } from '../../src/frames/udp.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { clientFrame } from '../support/dhcp-client.js'
import { put } from '../support/rows.js'
import { captured } from '../support/station-frames.js'

/** Workload b/one of network b/lan, which has IPv6 and DHCP. */
const key = 4
const mac = '0a:00:00:00:00:04'

function setUp() {
  const { model } = new Cluster().commit(
    ...twoTenants,
    put('peering', { id: 'a/b', tenant: 'a', peer: 'b' }),
    put('peering', { id: 'b/a', tenant: 'b', peer: 'a', networks: ['dmz'] }),
  )
  const sent: { readonly to: string; readonly tag: number | undefined; readonly frame: Buffer }[] = []
  const lines: string[] = []
  const log = new SparingLog(pino({}, { write: (line) => lines.push(JSON.parse(line).msg) }), () => 0)
  let isConnected = true
  const services = new StationServices({
    model,
    send: (host, { port, workload }, frame) => {
      if (isConnected) sent.push({ to: `${host}:${port}`, tag: workload.trunk?.tag, frame })
      return isConnected
    },
    log,
  })
  const ask = (reason: keyof typeof packetInReasons, frame: Buffer, source = key) =>
    services.packetIn('h1', {
      userdata: Uint8Array.of(packetInReasons[reason]),
      packet: frame,
      fields: { inPort: 3, [reg.source]: source },
    })
  const disconnect = () => {
    isConnected = false
  }
  return { model, services, sent, lines, ask, disconnect }
}

/** A captured frame, as if the workload had sent it. */
const ofWorkload = (hex: string) => Buffer.from(hex.replace('0a0000000002', mac.replaceAll(':', '')), 'hex')
const solicit = ofWorkload(captured.solicit)
const routerSolicitation = ofWorkload(captured.routerSolicitation)

function question(name: string): Buffer {
  const data = Buffer.concat([
    Buffer.from('00010100000100000000' + '0000', 'hex'),
    domainNameBytes(name),
    Buffer.from('00010001', 'hex'),
  ])
  return udpFrame(
    {
      macSource: mac,
      macDestination: '02:73:6c:00:00:01',
      source: '192.168.2.4',
      destination: '192.168.2.1',
      ports: { source: 4000, destination: 53 },
    },
    data,
  )
}

test('each service answers out of the port that it was asked by', (t) => {
  const { services, sent, ask } = setUp()
  t.true(ask('routerSolicitation', routerSolicitation))
  t.true(ask('dhcp6', solicit))
  t.true(ask('name', question('one.lan.b.internal')))
  t.deepEqual(
    sent.map(({ to }) => to),
    ['h1:3', 'h1:3', 'h1:3'],
  )
  const [advertisement, advertise, answer] = sent.map(({ frame }) => readPacket(frame))
  t.like(advertisement, { icmp: { type: 134, code: 0 }, macDestination: mac })
  t.like(advertise, { ports: { source: 547, destination: 546 } })
  t.like(answer, { source: '192.168.2.1', destination: '192.168.2.4', macDestination: mac })
  t.like(services.figures, {
    outcomes: {
      'router-advertisements': { answered: 1 },
      dhcp6: { answered: 1 },
      names: { answered: 1 },
    },
    foreignRouters: {},
  })
})

test('DHCP is one of them, and a workload that plays its server is named', (t) => {
  const { services, sent, lines, ask } = setUp()
  ask('dhcp', clientFrame({ type: 1, mac }))
  ask('dhcp', clientFrame({ type: 3, mac, options: [[50, [192, 168, 2, 4]]] }))
  ask('dhcpServer', Buffer.alloc(0))
  ask('dhcpServer', Buffer.alloc(0))
  t.deepEqual(
    sent.map(({ to }) => to),
    ['h1:3', 'h1:3'],
  )
  t.like(services.figures.dhcp, {
    answers: { offer: 1, ack: 1 },
    foreignServers: { 'b/one': 2 },
  })
  t.deepEqual(lines, ['b/one has leased 192.168.2.4 for 3600 s', 'b/one plays DHCP server; nobody hears it'])
})

test('a sub-port is answered as the workload that it is', (t) => {
  const { model, sent, ask } = setUp()
  const one = model.get('workload', 'b/one')
  if (!one) return t.fail()
  model.commit([put('workload', { ...one, trunk: { parent: 'b/two', tag: 7 } })])
  ask('dhcp6', solicit)
  t.is(sent[0]?.tag, 7)
})

test('names of peers are known as far as their networks take part', (t) => {
  const { sent, ask } = setUp()
  const codeFor = (name: string, source = key) => {
    ask('name', question(name), source)
    const packet = readPacket(sent.at(-1)?.frame ?? Buffer.alloc(0))
    const data = packet && readDatagram(packet)
    if (!data) throw new Error(`no answer for ${name}`)
    t.is(readQuery(data), undefined)
    return data.readUInt16BE(2) & 0xf
  }
  t.is(codeFor('one.lan.a.internal', 6), 0)
  // Its own network does not take part.
  t.is(codeFor('one.lan.a.internal'), 3)
  // Workload a/one: of tenant b only the network dmz is open to it.
  t.is(codeFor('far.dmz.b.internal', 2), 0)
  t.is(codeFor('one.lan.b.internal', 2), 3)
  t.is(codeFor('one.lan.b.internal'), 0)
})

test('what is malformed is counted and told of, once for a while', (t) => {
  const { services, sent, lines, ask } = setUp()
  for (let n = 0; n < 3; n++) t.true(ask('dhcp6', solicit.subarray(0, 60 + n)))
  const cut = Buffer.from(question('one.lan.b.internal'))
  cut.writeUInt16BE(9, 38)
  ask('name', cut)
  t.deepEqual(sent, [])
  t.deepEqual(lines, [
    'malformed packet of b/one for dhcp6: no whole IP packet',
    'malformed packet of b/one for names: shorter than a header',
  ])
  t.like(services.figures.outcomes, { dhcp6: { malformed: 3 }, names: { malformed: 1 } })
})

test('what is for nobody here, or cannot be sent, is counted too', (t) => {
  const { services, sent, ask, disconnect } = setUp()
  ask('dhcp6', solicit, 77)
  // Workload a/one is in a network without IPv6.
  ask('dhcp6', solicit, 2)
  disconnect()
  ask('dhcp6', solicit)
  t.deepEqual(sent, [])
  // Another MAC behind the workload's port.
  ask('dhcp6', Buffer.from(captured.solicit, 'hex'))
  t.deepEqual(services.figures.outcomes.dhcp6, { 'no-workload': 1, ignored: 3 })
  t.false(ask('verdict', solicit))
})

test('a workload that plays router is named', (t) => {
  const { services, lines, ask } = setUp()
  t.true(ask('foreignRouter', routerSolicitation))
  t.true(ask('foreignRouter', routerSolicitation))
  t.true(ask('foreignRouter', routerSolicitation, 77))
  t.deepEqual(services.figures.foreignRouters, { 'b/one': 2 })
  t.deepEqual(lines, ['b/one plays router; nobody hears it'])
})

test('a client that declines its address is named', (t) => {
  const { lines, ask } = setUp()
  const serverOption = `0002000a${serverId('02:73:6c:00:00:01').toString('hex')}`
  const decline = ofWorkload(captured.solicit.replace('010ff735', '090ff735') + serverOption)
  ask('dhcp6', decline)
  t.deepEqual(lines, [])
  // Only with the option within the lengths of packet and datagram is it for this server.
  for (const at of [18, 58]) decline.writeUInt16BE(decline.readUInt16BE(at) + 14, at)
  ask('dhcp6', decline)
  t.deepEqual(lines, ['b/one declines an address of IPv6: it has seen it in use'])
})
