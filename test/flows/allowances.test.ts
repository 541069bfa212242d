import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import type { WorkloadRow } from '../../src/model/rows.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { network, port, put, workload } from '../support/rows.js'
import { Walk } from '../support/walk.js'

const macs = { one: '0a:00:00:00:00:02', two: '0a:00:00:00:00:03', far: '0a:00:00:00:00:16' } as const
const [nested, virtual] = ['0a:0b:00:00:00:01', '00:00:5e:00:01:05']
const broadcast = 'ff:ff:ff:ff:ff:ff'

/** What the first two workloads may use beside their own; a third is in another network of the tenant. */
function cluster(
  one: WorkloadRow['allowed'] & object,
  two: WorkloadRow['allowed'] & object = [],
  six = false,
): Cluster {
  const prefix = (key: number) => (six ? { addresses: [`192.168.1.${key}`, `2001:db8:1::${key}`] } : {})
  return new Cluster().commit(
    ...twoTenants,
    put('network', network('a/dmz', 7)),
    put('network', network('a/lan', 1, six ? { subnet6: '2001:db8:1::/64', gateway6: '2001:db8:1::1' } : {})),
    put('workload', workload('a/far', 'a/dmz', 22, { addresses: ['192.168.7.22'] })),
    put('port', port('h2', 'afar', 'a/far', 22)),
    put('workload', workload('a/one', 'a/lan', 2, { ...prefix(2), allowed: one })),
    put('workload', workload('a/two', 'a/lan', 3, { ...prefix(3), ...(two.length > 0 && { allowed: two }) })),
  )
}

const packet = (ethSrc: string, ipv4Src: string, ethDst: string, ipv4Dst: string) => ({
  ...{ ethSrc, ethDst, ethType: 0x0800, ipv4Src, ipv4Dst, ipProto: 17, ipTtl: 64 },
})
const asks = (mac: string, arpSpa: string, arpTpa: string) => ({
  ...{ ethSrc: mac, ethDst: broadcast, ethType: 0x0806, arpOp: 1, arpSha: mac, arpSpa, arpTpa },
})
const toTwo = (mac: string, from: string) => packet(mac, from, macs.two, '192.168.1.3')

test('what a workload may use passes the guard, and nothing else', (t) => {
  const walk = new Walk(
    cluster([
      { ip: '192.168.1.50', mac: macs.one },
      { ip: '10.244.1.0/24', mac: macs.one },
      { ip: '192.168.1.60', mac: nested },
    ]),
  )
  for (const [mac, ip] of [
    [macs.one, '192.168.1.50'],
    [macs.one, '10.244.1.77'],
    [nested, '192.168.1.60'],
  ] as const)
    t.deepEqual(walk.from('a/one', toTwo(mac, ip)), ['a/two'], ip)
  for (const [mac, ip] of [
    [macs.one, '192.168.1.51'],
    [macs.one, '10.244.2.1'],
    [macs.one, '192.168.1.60'],
    [nested, '192.168.1.2'],
  ] as const)
    t.deepEqual(walk.from('a/one', toTwo(mac, ip)), [], ip)
})

test('an address of one workload is answered for, and routed to', (t) => {
  const walk = new Walk(
    cluster([
      { ip: '192.168.1.50', mac: macs.one },
      { ip: '192.168.1.60', mac: nested },
      { ip: '192.168.1.128/26', mac: macs.one },
    ]),
  )
  for (const [ip, mac] of [
    ['192.168.1.50', macs.one],
    ['192.168.1.60', nested],
    ['192.168.1.140', macs.one],
  ] as const) {
    const [end, ...others] = walk.ends('h2', 2, asks(macs.two, '192.168.1.3', ip))
    t.deepEqual(others, [])
    t.is(end?.name, 'a/two')
    t.is(end?.header.value('arpSha'), mac)
    t.is(end?.header.value('arpSpa'), ip)
    t.is(end?.header.value('arpTpa'), '192.168.1.3')
    const routed = walk.ends('h2', 22, packet(macs.far, '192.168.7.22', routerMac, ip))
    t.deepEqual(
      routed.map(({ name, header }) => [name, header.value('ethDst'), header.value('ipTtl')]),
      [['a/one', mac, 63]],
    )
  }
  t.deepEqual(walk.from('a/two', packet(macs.two, '192.168.1.3', nested, '192.168.1.60')), ['a/one'])
})

test('a smaller block comes before the one that it is in, an own address before both', (t) => {
  const walk = new Walk(
    cluster([{ ip: '192.168.1.0/24', mac: macs.one }], [{ ip: '192.168.1.64/26', mac: macs.two }]),
  )
  for (const [ip, to] of [
    ['192.168.1.200', 'a/one'],
    ['192.168.1.70', 'a/two'],
    ['192.168.1.3', 'a/two'],
  ] as const)
    t.deepEqual(walk.from('a/far', packet(macs.far, '192.168.7.22', routerMac, ip)), [to], ip)
})

const vip = '192.168.1.100'

test('for an address of several workloads those are asked, and what they tell is passed on', (t) => {
  const walk = new Walk(cluster([{ ip: vip, mac: macs.one }], [{ ip: vip, mac: macs.two }]))
  const asked = walk.ends('h2', 2, asks(macs.two, '192.168.1.3', vip))
  t.deepEqual(
    asked.flatMap(({ name, header }) => (name ? [[name, header.value('arpOp')]] : [])),
    [['a/one', 1]],
  )
  const answer = { ...asks(macs.one, vip, '192.168.1.3'), arpOp: 2, ethDst: macs.two }
  t.deepEqual(walk.from('a/one', answer), ['a/two', 'controller'])
  t.deepEqual(walk.from('a/one', { ...asks(macs.one, vip, vip) }), ['a/two', 'controller'])
  t.deepEqual(walk.from('a/two', { ...asks(macs.two, vip, vip) }), ['a/one', 'controller'])
})

test('the router sends to whoever has told that an address of several is its own, and asks as long as nobody has', (t) => {
  const shared = cluster([{ ip: vip, mac: macs.one }], [{ ip: vip, mac: macs.two }])
  const routed = packet(macs.far, '192.168.7.22', routerMac, vip)
  t.deepEqual(new Walk(shared).from('a/far', routed), ['controller'])
  for (const [name, mac] of [
    ['a/one', macs.one],
    ['a/two', macs.two],
  ] as const) {
    const id = `a/lan/${vip}`
    shared.commit(put('station', { id, network: 'a/lan', address: vip, mac }))
    t.deepEqual(new Walk(shared).from('a/far', routed), [name])
  }
})

test("another's own address may be shared, too", (t) => {
  const walk = new Walk(cluster([{ ip: '192.168.1.3', mac: macs.one }]))
  t.deepEqual(walk.from('a/far', packet(macs.far, '192.168.7.22', routerMac, '192.168.1.3')), ['controller'])
  t.deepEqual(walk.from('a/two', asks(macs.two, '192.168.1.3', '192.168.1.3')), ['a/one', 'controller'])
})

test('a MAC of several workloads gets to all of them', (t) => {
  const walk = new Walk(cluster([{ ip: vip, mac: virtual }], [{ ip: vip, mac: virtual }]))
  t.deepEqual(walk.from('a/one', packet(macs.one, '192.168.1.2', virtual, vip)), ['a/two'])
  const rest = walk.ends('h2', 2, packet(macs.two, '192.168.1.3', virtual, vip))
  t.deepEqual(
    rest.flatMap(({ name }) => name ?? []),
    ['a/one'],
  )
})

test('IPv6: solicitations are answered, or asked of those who may have the address', (t) => {
  const [alone, shared] = ['2001:db8:1::50', '2001:db8:1::100']
  const walk = new Walk(
    cluster(
      [
        { ip: alone, mac: nested },
        { ip: shared, mac: macs.one },
      ],
      [{ ip: shared, mac: macs.two }],
      true,
    ),
  )
  const solicits = (ndTarget: string) => ({
    ...{ ethSrc: macs.two, ethDst: '33:33:ff:00:00:50', ethType: 0x86dd, ipProto: 58, icmpv6Type: 135 },
    ...{ ipv6Src: '2001:db8:1::3', ipv6Dst: 'ff02::1:ff00:50', ndTarget, ndSll: macs.two, ipTtl: 255 },
  })
  const [end, ...others] = walk.ends('h2', 2, solicits(alone))
  t.deepEqual(others, [])
  t.is(end?.name, 'a/two')
  t.is(end?.header.value('ndTll'), nested)
  t.deepEqual(walk.from('a/two', solicits(shared)), ['a/one'])
  const tells = {
    ...{ ethSrc: macs.one, ethDst: macs.two, ethType: 0x86dd, ipProto: 58, icmpv6Type: 136, ipTtl: 255 },
    ...{ ipv6Src: shared, ipv6Dst: '2001:db8:1::3', ndTarget: shared, ndTll: macs.one },
  }
  t.deepEqual(walk.from('a/one', tells), ['a/two', 'controller'])
  t.deepEqual(walk.from('a/one', { ...tells, ndTarget: alone }), [])
})

test('no flow contradicts another', (t) => {
  const both = cluster(
    [
      { ip: vip, mac: macs.one },
      { ip: '192.168.1.128/26', mac: macs.one },
    ],
    [
      { ip: vip, mac: virtual },
      { ip: '192.168.1.128/26', mac: macs.two },
    ],
  )
  for (const host of ['h1', 'h2']) t.deepEqual([...(both.engine.desired(host)?.conflicts() ?? [])], [])
})
