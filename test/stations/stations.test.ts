import test from 'ava'
import fc from 'fast-check'
import pino from 'pino'
import { announcement, whoHas } from '../../src/frames/neighbours.js'
import { Model } from '../../src/model/model.js'
import { Stations } from '../../src/stations/stations.js'
import { twoTenants, vlans } from '../support/cluster.js'
import { put, workload } from '../support/rows.js'

const macs = { wire: (host: string) => `06:73:00:00:00:0${host.slice(1)}`, router: '02:73:6c:00:00:01' }
const minute = 60_000
const vni = { five: 15, inner: 17, lan: 1 }

function setUp() {
  const model = new Model()
  model.commit([...twoTenants, ...vlans])
  model.commit([{ table: 'station', id: 'v/five/192.168.15.200' }])
  const sent: string[] = []
  let connected = true
  const stations = new Stations({
    model,
    macs,
    send: (host, network, frame) => {
      if (connected) sent.push(`${host} ${network.id} ${frame.toString('hex')}`)
      return connected
    },
    mayForget: () => true,
    onChanges: (changes) => model.commit(changes),
    log: pino({ level: 'silent' }),
  })
  const known = () => [...model.rows('station')].map(({ address, mac }) => `${address} ${mac}`).sort()
  return { model, stations, sent, known, connect: (value: boolean) => (connected = value) }
}

/** An IPv4 packet to an address, as a router could not send it on. */
function packetTo(address: string): Buffer {
  const frame = Buffer.alloc(60)
  frame.writeUInt16BE(0x0800, 12)
  Buffer.from(address.split('.').map(Number)).copy(frame, 30)
  return frame
}

/** An ARP reply of a station. */
function reply(address: string, mac: string): Buffer {
  const frame = announcement({ address, mac })
  frame.writeUInt16BE(2, 20)
  return frame
}

const asked = (host: string, network: string, address: string, own: string, mac: string) =>
  `${host} ${network} ${whoHas(address, { address: own, mac }).toString('hex')}`

test('a physical station is asked for by the host that speaks for the router, and known once it has answered', (t) => {
  const { stations, sent, known } = setUp()
  stations.sought(vni.five, packetTo('192.168.15.200'), 0)
  t.deepEqual(sent, [asked('h1', 'v/five', '192.168.15.200', '192.168.15.1', macs.wire('h1'))])
  stations.told(vni.five, reply('192.168.15.200', '0a:ee:00:00:02:00'), 10)
  t.deepEqual(known(), ['192.168.15.200 0a:ee:00:00:02:00'])
  stations.told(vni.five, reply('192.168.15.200', '0a:ee:00:00:02:99'), 20)
  t.deepEqual(known(), ['192.168.15.200 0a:ee:00:00:02:99'])
  t.like(stations.figures, { asked: 1, answered: 2, malformed: 0 })
})

test('packets that come meanwhile make no more questions', (t) => {
  const { stations, sent } = setUp()
  for (let now = 0; now < 100; now++) stations.sought(vni.five, packetTo('192.168.15.200'), now)
  t.is(sent.length, 1)
})

test('who asks for the router is known from then on', (t) => {
  const { stations, known } = setUp()
  const question = whoHas('192.168.15.1', { address: '192.168.15.77', mac: '0a:ee:00:00:02:77' })
  stations.told(vni.five, question, 0)
  t.deepEqual(known(), ['192.168.15.77 0a:ee:00:00:02:77'])
})

test('a station is asked again after a while, and forgotten where it does not answer', (t) => {
  const { stations, sent, known } = setUp()
  stations.told(vni.five, reply('192.168.15.200', '0a:ee:00:00:02:00'), 0)
  for (let now = 0; now < 29_000; now += 100) stations.probe(now)
  t.is(sent.length, 0)
  for (let now = 29_000; now < minute; now += 100) stations.probe(now)
  t.is(sent.length, 6)
  t.deepEqual(known(), [])
})

test('what a former life has found is asked for, and kept as long as nobody can be asked', (t) => {
  const { model, stations, sent, known, connect } = setUp()
  const id = 'v/five/192.168.15.50'
  model.commit([
    put('station', { id, network: 'v/five', address: '192.168.15.50', mac: '0a:ee:00:00:02:50' }),
  ])
  connect(false)
  for (let now = 0; now < 10 * minute; now += 1000) stations.probe(now)
  t.is(known().length, 1)
  connect(true)
  stations.probe(10 * minute)
  t.is(sent.length, 1)
})

test('nobody is asked for where no station can be, and what cannot be read is counted', (t) => {
  const { stations, sent, known } = setUp()
  for (const address of ['192.168.15.0', '192.168.15.255', '192.168.16.9', '8.8.8.8'])
    stations.sought(vni.five, packetTo(address), 0)
  stations.sought(4711, packetTo('192.168.15.200'), 0)
  stations.told(vni.inner, reply('192.168.17.9', '0a:ee:00:00:02:00'), 0)
  t.deepEqual(sent, [])
  t.deepEqual(known(), [])
  stations.told(vni.five, Buffer.alloc(5), 0)
  stations.sought(vni.five, Buffer.from('ff'.repeat(30), 'hex'), 0)
  t.is(stations.figures.malformed, 2)
})

test('for an address of several workloads the router of one of their hosts asks; who tells that it has it is heard', (t) => {
  const { model, stations, sent, known } = setUp()
  const vip = '192.168.1.100'
  for (const [id, key] of [
    ['a/one', 2],
    ['a/two', 3],
  ] as const) {
    const { mac } = workload(id, 'a/lan', key)
    model.commit([put('workload', workload(id, 'a/lan', key, { allowed: [{ ip: vip, mac }] }))])
  }
  stations.sought(vni.lan, packetTo(vip), 0)
  t.deepEqual(sent, [asked('h1', 'a/lan', vip, '192.168.1.1', macs.router)])
  stations.told(vni.lan, announcement({ address: vip, mac: '0a:00:00:00:00:03' }), 1)
  t.deepEqual(known(), [`${vip} 0a:00:00:00:00:03`])
  stations.told(vni.lan, announcement({ address: vip, mac: '0a:00:00:00:00:02' }), 2)
  t.deepEqual(known(), [`${vip} 0a:00:00:00:00:02`])
  stations.told(vni.lan, announcement({ address: '192.168.1.101', mac: '0a:00:00:00:00:02' }), 2)
  t.is(known().length, 1)
})

test('no frame makes it throw, and what is noted is of the network', (t) => {
  const { model, stations } = setUp()
  const valid = [
    reply('192.168.15.200', '0a:ee:00:00:02:00'),
    announcement({ address: '2001:db8:15::200', mac: '0a:ee:00:00:02:00' }),
    whoHas('192.168.15.1', { address: '192.168.15.77', mac: '0a:ee:00:00:02:77' }),
    whoHas('2001:db8:15::1', { address: '2001:db8:15::77', mac: '0a:ee:00:00:02:77' }),
    packetTo('192.168.15.9'),
  ]
  const damage = fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(fc.constantFrom(...valid), damage, fc.nat(100), fc.boolean(), (frame, changes, cut, told) => {
      const damaged = Buffer.from(frame.subarray(0, Math.max(0, frame.length - (cut < 60 ? 0 : cut))))
      for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value
      if (told) stations.told(vni.five, damaged, 0)
      else stations.sought(vni.five, damaged, 0)
    }),
    { numRuns: 5000 },
  )
  const known = [...model.rows('station')]
  t.true(known.length > 3)
  for (const { mac } of known) t.regex(mac, /^.[02468ace]:/)
  for (const { address } of known) t.regex(address, /^(192\.168\.15\.|2001:db8:15:)/)
  t.true(stations.figures.malformed > 100)
})
