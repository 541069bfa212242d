/** The DHCP server of a network as its clients see it: frames in, frames out. */
import test from 'ava'
import fc from 'fast-check'
import { type DhcpNote, DhcpService } from '../../src/dhcp/service.js'
import { Model } from '../../src/model/model.js'
import type { Change, NetworkRow, WorkloadRow } from '../../src/model/rows.js'
import { ethernet, ipv4, udp } from '../e2e/support/frames.js'
import { type ClientMessage, clientFrame, clientMessage, readAnswer, type } from '../support/dhcp-client.js'
import { network, put, route, tenant, workload } from '../support/rows.js'

const mac = '0a:00:00:00:00:02'
const serverMac = '02:73:6c:00:00:01'
const dhcp = { dns: ['10.0.1.53', 'fd00::53', '10.0.1.54'], domain: 'lab.example.org', lease: 3600 }
const lan: Partial<NetworkRow> = { subnet: '10.0.1.0/24', gateway: '10.0.1.254', mtu: 1450, dhcp }

function setUp(more: Partial<NetworkRow> = {}, ...others: readonly Change[]) {
  const model = new Model()
  model.commit([
    put('tenant', tenant('t', 1)),
    put('network', network('t/lan', 1, { ...lan, ...more })),
    put('workload', workload('t/web', 't/lan', 2, { addresses: ['fd00::2', '10.0.1.100'] })),
    ...others,
  ])
  const sent: { host: string; port: number; workload: WorkloadRow; frame: Buffer }[] = []
  const notes: DhcpNote[] = []
  const service = new DhcpService({
    model,
    mac: serverMac,
    send: (host, to, frame) => sent.push({ host, ...to, frame }),
    note: (note) => notes.push(note),
  })
  const hear = (frame: Buffer, source = 2) => {
    sent.length = 0
    service.asked('h1', { frame, port: 7, source })
    return sent.map((each) => ({ ...each, answer: readAnswer(each.frame) }))
  }
  const ask = (message: Omit<ClientMessage, 'mac'> & { mac?: string }) =>
    hear(clientFrame({ mac, ...message })).map(({ answer }) => answer)
  return { service, model, hear, ask, notes }
}

const settings = {
  1: 'ffffff00',
  3: '0a0001fe',
  26: '05aa',
  6: '0a0001350a000136',
  15: Buffer.from('lab.example.org').toString('hex'),
  12: Buffer.from('web').toString('hex'),
  28: '0a0001ff',
}
const times = { 51: '00000e10', 58: '00000708', 59: '00000c4e' }
const own = [10, 0, 1, 100]
const server = [10, 0, 1, 254]

test('a discover is offered the workload’s address with everything else, out of the port that it came by', (t) => {
  const { hear } = setUp()
  const [offer, ...more] = hear(clientFrame({ type: type.discover, mac }))
  t.deepEqual(more, [])
  t.like(offer, { host: 'h1', port: 7 })
  t.deepEqual(offer?.answer, {
    macDestination: mac,
    source: '10.0.1.254',
    destination: '10.0.1.100',
    ports: [67, 68],
    length: 322,
    transaction: 0x01020304,
    flags: 0,
    ciaddr: '0.0.0.0',
    yiaddr: '10.0.1.100',
    chaddr: mac,
    type: type.offer,
    options: { 53: '02', 54: '0a0001fe', ...times, ...settings },
  })
  t.is(offer?.frame.toString('hex', 6, 12), serverMac.replaceAll(':', ''))
})

test('the frame’s checksums are right', (t) => {
  const [offer] = setUp().hear(clientFrame({ type: type.discover, mac }))
  const sum = (bytes: Buffer) => {
    let total = 0
    for (let at = 0; at < bytes.length; at += 2) total += bytes.readUInt16BE(at)
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
    return total
  }
  const frame = offer?.frame ?? Buffer.alloc(0)
  t.is(sum(frame.subarray(14, 34)), 0xffff)
  const pseudo = Buffer.from([0, 17, 0, 0])
  pseudo.writeUInt16BE(frame.length - 34, 2)
  t.is(sum(Buffer.concat([frame.subarray(26, 34), pseudo, frame.subarray(34)])), 0xffff)
})

test('a sub-port is answered as the workload that it is', (t) => {
  const trunk = { parent: 't/vm', tag: 5 }
  const more = workload('t/web', 't/lan', 2, { addresses: ['10.0.1.100'], trunk })
  const { hear } = setUp({}, put('workload', more))
  const [offer] = hear(clientFrame({ type: type.discover, mac }))
  t.like(offer, { port: 7, workload: { id: 't/web', trunk } })
  t.like(offer?.answer, { type: type.offer, yiaddr: '10.0.1.100', macDestination: mac })
})

test('a client that asks for a broadcast gets one, on its own port only', (t) => {
  const [offer] = setUp().ask({ type: type.discover, broadcast: true })
  t.like(offer, { macDestination: 'ff:ff:ff:ff:ff:ff', destination: '255.255.255.255', flags: 0x8000 })
})

test('the address that was offered is granted; another is refused, to all', (t) => {
  const { ask } = setUp()
  const [ack] = ask({
    type: type.request,
    options: [
      [50, own],
      [54, server],
    ],
  })
  t.like(ack, { type: type.ack, yiaddr: '10.0.1.100', options: { ...times, ...settings } })
  const [nak] = ask({
    type: type.request,
    options: [
      [50, [10, 0, 1, 7]],
      [54, server],
    ],
  })
  t.like(nak, { type: type.nak, yiaddr: '0.0.0.0', destination: '255.255.255.255' })
  t.deepEqual(Object.keys(nak?.options ?? {}).sort(), ['53', '54', '56'])
  // The least that every client takes.
  t.is(nak?.length, 300)
})

test('who has chosen another server is left alone', (t) => {
  const { ask, service } = setUp()
  t.deepEqual(
    ask({
      type: type.request,
      options: [
        [50, own],
        [54, [10, 0, 1, 66]],
      ],
    }),
    [],
  )
  t.deepEqual(service.figures.ignored, { 'other-server': 1 })
})

test('after a restart of the client: its address is right, or not', (t) => {
  const { ask } = setUp()
  t.is(ask({ type: type.request, options: [[50, own]] })[0]?.type, type.ack)
  t.is(ask({ type: type.request, options: [[50, [192, 168, 0, 9]]] })[0]?.type, type.nak)
})

test('a lease is renewed at the client’s address, and refused once the files have given it another', (t) => {
  const { hear, model } = setUp()
  const renewal = clientFrame(
    { type: type.request, mac, ciaddr: '10.0.1.100' },
    { src: '10.0.1.100', dst: '10.0.1.254', to: serverMac },
  )
  t.like(hear(renewal)[0]?.answer, {
    type: type.ack,
    ciaddr: '10.0.1.100',
    destination: '10.0.1.100',
    macDestination: mac,
  })
  model.commit([put('workload', workload('t/web', 't/lan', 2, { addresses: ['10.0.1.101'] }))])
  t.like(hear(renewal)[0]?.answer, { type: type.nak, destination: '255.255.255.255' })
})

test('rapid commit: one answer, at once', (t) => {
  const [ack] = setUp().ask({ type: type.discover, options: [[80, []]] })
  t.like(ack, { type: type.ack, yiaddr: '10.0.1.100' })
  t.is(ack?.options[80], '')
})

test('inform: everything but an address and its times', (t) => {
  const [ack] = setUp().ask({ type: type.inform, ciaddr: '10.0.1.100' })
  t.like(ack, { type: type.ack, yiaddr: '0.0.0.0', destination: '10.0.1.100' })
  t.deepEqual(ack?.options, { 53: '05', 54: '0a0001fe', ...settings })
})

test('release and decline are counted and not answered; the address stays the workload’s', (t) => {
  const { ask, service, notes } = setUp()
  t.deepEqual(ask({ type: type.release, ciaddr: '10.0.1.100', options: [[54, server]] }), [])
  t.deepEqual(
    ask({
      type: type.decline,
      options: [
        [50, own],
        [54, server],
      ],
    }),
    [],
  )
  t.deepEqual(service.figures.ignored, { released: 1, declined: 1 })
  t.deepEqual(
    notes.map(({ text }) => text),
    ['t/web declines 10.0.1.100: it has seen it in use'],
  )
  t.is(ask({ type: type.discover })[0]?.yiaddr, '10.0.1.100')
})

test('what a client says of itself comes back: its id, and what a relay agent has added', (t) => {
  const [offer] = setUp().ask({
    type: type.discover,
    options: [
      [61, [1, 2, 3]],
      [82, [1, 1, 9]],
    ],
  })
  t.like(offer?.options, { 61: '010203', 82: '010109' })
})

test('options in parts, between padding, and in the fields for names, count', (t) => {
  const { hear } = setUp()
  const file = Buffer.from([50, 2, 1, 100, 255])
  const head = clientMessage({
    type: type.request,
    mac,
    file,
    options: [
      [52, [1]],
      [50, [10, 0]],
    ],
  })
  const padded = Buffer.concat([head.subarray(0, 240), Buffer.alloc(3), head.subarray(240)])
  const frame = ethernet(
    'ff:ff:ff:ff:ff:ff',
    mac,
    0x0800,
    ipv4({ src: '0.0.0.0', dst: '255.255.255.255', protocol: 17 }, udp(68, 67, padded)),
  )
  t.is(hear(frame)[0]?.answer.type, type.ack)
})

test('another MAC than the workload’s is not answered', (t) => {
  const { hear, service, notes } = setUp()
  t.deepEqual(hear(clientFrame({ type: type.discover, mac: '0a:00:00:00:00:99' }, { from: mac })), [])
  t.deepEqual(service.figures.ignored, { 'foreign-mac': 1 })
  t.deepEqual(
    notes.map(({ text }) => text),
    ['t/web asks for an address for 0a:00:00:00:00:99, in vain'],
  )
})

test('a request by a relay, of nobody, of a network that hands out nothing, or of IPv6 only, is not answered', (t) => {
  const { ask, hear, service } = setUp()
  t.deepEqual(ask({ type: type.discover, giaddr: '10.0.1.9' }), [])
  t.deepEqual(hear(clientFrame({ type: type.discover, mac }), 3), [])
  t.deepEqual(service.figures.ignored, { relayed: 1, 'no-workload': 1 })
  const silent = [
    setUp({}, put('network', network('t/lan', 1, { subnet: '10.0.1.0/24', gateway: '10.0.1.254' }))),
    setUp({}, put('workload', workload('t/web', 't/lan', 2, { addresses: ['fd00::2'] }))),
  ]
  for (const { ask: question, service: of } of silent) {
    t.deepEqual(question({ type: type.discover }), [])
    t.deepEqual(of.figures.ignored, { 'no-lease': 1 })
  }
})

test('a network that is not routed has no router, yet a server', (t) => {
  const [offer] = setUp({ routed: false }, put('network', network('t/dmz', 3))).ask({ type: type.discover })
  t.is(offer?.options[54], '0a0001fe')
  t.deepEqual([offer?.options[3], offer?.options[121]], [undefined, undefined])
})

test('where the tenant has more routed networks, the way to each, and the default route', (t) => {
  const [offer] = setUp(
    {},
    put('network', network('t/dmz', 3, { subnet: '172.16.0.0/12' })),
    put('network', network('t/island', 4, { routed: false })),
    put('network', network('u/lan', 5)),
  ).ask({ type: type.discover })
  t.is(offer?.options[121], ['0cac10', '0a0001fe', '00', '0a0001fe'].join(''))
})

test('the ways of the tenant’s routes as well, of those that concern the workload and lead anywhere', (t) => {
  const via = { via: ['t/vpn'] }
  const [offer] = setUp(
    {},
    put('route', route('t/vpn', 1, '172.20.0.0/16', via)),
    put('route', route('t/again', 2, '172.20.0.0/16', { select: {}, gateways: ['out'] })),
    put('route', route('t/other', 3, '172.21.0.0/16', { ...via, select: { role: 'other' } })),
    put('route', route('t/drop', 4, '172.22.0.0/16')),
    put('route', route('t/near', 5, '10.0.1.128/25', via)),
    put('route', route('t/six', 6, '2001:db8::/32', via)),
    put('route', route('t/all', 7, '0.0.0.0/0', via)),
  ).ask({ type: type.discover })
  t.is(offer?.options[121], ['10ac14', '0a0001fe', '00', '0a0001fe'].join(''))
})

test('what the client has no room for is left out, what matters most stays', (t) => {
  const dns = Array.from({ length: 70 }, (_, i) => `10.0.1.${i + 1}`)
  const { ask } = setUp({ dhcp: { ...dhcp, dns } })
  const [small] = ask({ type: type.discover })
  t.true((small?.length ?? 0) <= 548)
  t.is(small?.options[6], undefined)
  t.like(small?.options, { ...times, 1: settings[1], 3: settings[3], 12: settings[12] })
  const [large] = ask({ type: type.discover, options: [[57, [0x05, 0xdc]]] })
  t.is(large?.options[6]?.length, 70 * 8)
})

test('the first acknowledgement of what the files say is told of, the next ones are not', (t) => {
  const { ask, notes, model } = setUp()
  const request = { type: type.request, options: [[50, own]] } as const
  ask({ type: type.discover })
  t.deepEqual(notes, [])
  for (let i = 0; i < 3; i++) ask(request)
  t.deepEqual(
    notes.map(({ event, text }) => [event, text]),
    [['leased', 't/web has leased 10.0.1.100 for 3600 s']],
  )
  model.commit([
    put('workload', workload('t/web', 't/lan', 2, { addresses: ['10.0.1.100'], labels: { a: 'b' } })),
  ])
  ask(request)
  t.is(notes.length, 2)
})

test('a workload that plays server is named', (t) => {
  const { service, notes } = setUp()
  service.served('h1', 2)
  service.served('h1', 2)
  service.served('h1', 99)
  t.deepEqual(service.figures.foreignServers, { 't/web': 2 })
  t.is(notes[0]?.text, 't/web plays DHCP server; nobody hears it')
})

const malformed = test.macro((t, bytes: Buffer, why: string) => {
  const { hear, service, notes } = setUp()
  const frame = ethernet(
    'ff:ff:ff:ff:ff:ff',
    mac,
    0x0800,
    ipv4({ src: '0.0.0.0', dst: '255.255.255.255', protocol: 17 }, udp(68, 67, bytes)),
  )
  t.deepEqual(hear(frame), [])
  t.deepEqual(service.figures.ignored, { malformed: 1 })
  t.deepEqual(
    notes.map(({ text }) => text),
    [`malformed DHCP message of t/web: ${why}`],
  )
})

const discover = clientMessage({ type: type.discover, mac })
const changed = (at: number, ...bytes: readonly number[]) => {
  const copy = Buffer.from(discover)
  copy.set(bytes, at)
  return copy
}

test('cut short', malformed, discover.subarray(0, 239), '239 bytes, at least 240 are needed')
test('an answer instead of a request', malformed, changed(0, 2), 'not a request')
test('no Ethernet', malformed, changed(1, 6), 'no Ethernet address')
test('BOOTP without DHCP', malformed, changed(236, 0), 'no DHCP cookie')
test('no type', malformed, changed(240, 255), 'no message type')
test('a type that there is not', malformed, changed(242, 9), 'no message type')
test('an option that is longer than the message', malformed, changed(243, 12), 'option 12 is cut short')
test(
  'an address of three bytes',
  malformed,
  clientMessage({ type: type.request, mac, options: [[50, [1, 2, 3]]] }),
  'option 50 has 3 bytes, not 4',
)
test(
  'overload twice',
  malformed,
  clientMessage({ type: type.request, mac, options: [[52, [1, 2]]] }),
  'option 52 has more than one byte',
)

test('a datagram that claims more than there is', (t) => {
  const { hear, service } = setUp()
  const frame = clientFrame({ type: type.discover, mac })
  frame.writeUInt16BE(2000, 38)
  t.deepEqual(hear(frame), [])
  t.deepEqual(service.figures.ignored, { malformed: 1 })
})

test('whatever comes, at most one answer goes, to who has asked, and every packet is counted', (t) => {
  const messages = fc.record({
    type: fc.integer({ min: 0, max: 9 }),
    mac: fc.constantFrom(mac, '0a:00:00:00:00:99'),
    options: fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
      ),
      {
        maxLength: 6,
      },
    ),
  })
  const flips = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 5 })
  fc.assert(
    fc.property(messages, flips, fc.nat(400), (message, changes, cut) => {
      const { hear, service } = setUp()
      const frame = clientFrame(message)
      for (const [at, value] of changes) if (at < frame.length) frame[at] = value
      const answers = hear(cut < 40 ? frame.subarray(0, cut * 8) : frame)
      const { answers: told, ignored } = service.figures
      const total = [told, ignored].flatMap((counts) => Object.values(counts)).reduce((sum, n) => sum + n, 0)
      t.is(total, 1)
      t.true(answers.length <= 1)
      for (const { port, answer } of answers) t.like({ port, mac: answer.chaddr }, { port: 7, mac })
    }),
    { numRuns: 5000 },
  )
})
