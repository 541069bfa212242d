/** Routes: where packets really go, executed on the flows of two hosts. */
import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { execute, type Fields } from '../../src/execution/index.js'
import type { Change, RouteRow } from '../../src/model/rows.js'
import { addressesOutside, Cluster, twoTenants } from '../support/cluster.js'
import { topologyOf } from '../support/execution.js'
import { egress, put, route } from '../support/rows.js'

const routes = (...list: readonly RouteRow[]): readonly Change[] => list.map((row) => put('route', row))
const nextHop = put('neighbour', {
  id: 'far/198.51.100.1',
  gateway: 'far',
  address: '198.51.100.1',
  mac: '0a:ee:00:00:00:02',
})
const clusterWith = (...changes: readonly Change[]) =>
  new Cluster().commit(...twoTenants, ...addressesOutside, nextHop, ...changes)

/** Packets that a workload sends to its router, or, with `mac`, to a neighbour. */
interface Sent {
  readonly from: string
  readonly to: string
  readonly source?: string
  readonly mac?: string
  readonly fields?: Fields
}

/** Where it comes out, with the MAC that it then has: `station a/two 0a:…`, `outside out`; `dropped by RULE`. */
function fate(cluster: Cluster, { from, to, source, mac = routerMac, fields = {} }: Sent): string {
  const placement = cluster.model.get('placement', from)
  const workload = cluster.model.get('workload', from)
  if (!placement || !workload) throw new Error(`${from} is nowhere`)
  const six = to.includes(':')
  const own = source ?? workload.addresses.find((address) => address.includes(':') === six) ?? ''
  const ends = six
    ? { ethType: 0x86dd, ipv6Src: own, ipv6Dst: to }
    : { ethType: 0x0800, ipv4Src: own, ipv4Dst: to }
  const packet: Fields = {
    ethSrc: workload.mac,
    ethDst: mac,
    ...ends,
    ipTtl: 64,
    ipProto: 17,
    udpSrc: 40_000,
    udpDst: 53,
    ...fields,
  }
  const { ends: found } = execute(topologyOf(cluster), {
    ...{ host: placement.host, port: placement.ofport },
    packet: { fields: packet },
  })
  const out = found.map((end) => {
    if (end.end !== 'output') return `${end.end} by ${end.step.lookup?.flow.unit}`
    if (end.lead.to === 'station') return `station ${end.lead.name} ${String(end.header.value('ethDst'))}`
    return end.lead.to === 'outside' ? `outside ${end.lead.gateway}` : end.lead.to
  })
  return out.join(' and ')
}

test('a route by a workload: to its MAC, from any host', (t) => {
  const cluster = clusterWith(...routes(route('b/branch', 31, '10.50.0.0/16', { via: ['b/far'] })))
  const via = 'station b/far 0a:00:00:00:00:06'
  t.is(fate(cluster, { from: 'b/one', to: '10.50.1.1' }), via)
  t.is(fate(cluster, { from: 'b/two', to: '10.50.1.1' }), via)
  t.is(fate(cluster, { from: 'b/one', to: '10.51.1.1' }), 'outside out')
  t.is(fate(cluster, { from: 'a/one', to: '10.50.1.1' }), 'outside out', 'it is of one tenant')
})

const branch = route('b/branch', 31, '10.50.0.0/16', { via: ['b/far'] })
const viaFar = 'station b/far 0a:00:00:00:00:06'
const viaTwo = 'station b/two 0a:00:00:00:00:05'

test('the longest prefix decides, and what is dropped is dropped by its route', (t) => {
  const cluster = clusterWith(
    ...routes(
      branch,
      route('b/hole', 32, '10.50.9.0/24'),
      route('b/host', 33, '10.50.9.7/32', { via: ['192.168.2.5'] }),
    ),
  )
  t.is(fate(cluster, { from: 'b/one', to: '10.50.1.1' }), viaFar)
  t.is(fate(cluster, { from: 'b/one', to: '10.50.9.1' }), 'dropped by static-route/route/b/hole')
  t.is(fate(cluster, { from: 'b/one', to: '10.50.9.7' }), viaTwo)
})

test('a policy route comes first, whatever its length; one that names labels before one for everybody', (t) => {
  const cluster = clusterWith(
    ...routes(
      route('b/long', 31, '10.50.9.0/24', { via: ['b/far'] }),
      route('b/clients', 32, '10.0.0.0/8', { select: { role: 'client' }, via: ['b/two'] }),
      route('b/all', 33, '10.0.0.0/8', { select: {} }),
      route('b/others', 34, '10.0.0.0/8', { select: { role: 'client' } }),
    ),
  )
  t.is(fate(cluster, { from: 'b/one', to: '10.50.9.1' }), viaTwo)
  t.is(fate(cluster, { from: 'b/far', to: '10.60.0.1' }), 'dropped by static-route/route/b/all')
  t.is(fate(cluster, { from: 'a/one', to: '10.50.9.1' }), 'outside out')
})

test('a default route takes nobody away from the neighbours and the router, one within a network does', (t) => {
  const everywhere = route('b/all', 31, '0.0.0.0/0', { select: { role: 'client' }, via: ['b/two'] })
  const cluster = clusterWith(...routes(everywhere))
  const far = { from: 'b/one', to: '192.168.3.6' }
  t.is(fate(cluster, { from: 'b/one', to: '198.18.0.1' }), viaTwo)
  t.is(fate(cluster, far), viaFar)
  const ping = { ipProto: 1, icmpv4Type: 8, udpSrc: 0, udpDst: 0 }
  t.is(fate(cluster, { from: 'b/one', to: '192.168.3.1', fields: ping }), 'station b/one 0a:00:00:00:00:04')
  t.is(
    fate(cluster, { from: 'b/one', to: '224.0.0.5' }),
    'dropped by static-route/addresses that no router forwards/cluster',
  )
  cluster.commit(...routes(route('b/chain', 32, '192.168.3.0/24', { via: ['b/two'] })))
  t.is(fate(cluster, far), viaTwo)
  t.is(
    fate(cluster, { from: 'b/two', to: '192.168.3.6' }),
    viaFar,
    'what it passes on does not come back to it',
  )
  t.is(fate(cluster, { from: 'b/two', source: '192.168.2.4', to: '192.168.3.6' }), viaFar)
  t.is(fate(cluster, { from: 'b/one', to: '192.168.3.1', fields: ping }), 'station b/one 0a:00:00:00:00:04')
})

test('who takes packets on may speak for what is beyond, and pass on what goes there; nothing else', (t) => {
  const cluster = clusterWith(...routes(branch))
  const guard = 'dropped by spoof-guard/anything else that a workload sends/b/far'
  const beyond = { from: 'b/far', source: '10.50.1.1' }
  t.is(fate(cluster, { ...beyond, to: '192.168.2.5' }), viaTwo)
  t.is(fate(cluster, { ...beyond, source: '10.51.1.1', to: '192.168.2.5' }), guard)
  t.is(fate(cluster, { ...beyond, source: '192.168.1.2', to: '192.168.2.5' }), guard)
  const passed = { from: 'b/far', source: '192.168.2.4' }
  t.is(fate(cluster, { ...passed, to: '10.50.1.1' }), 'outside out')
  t.is(
    fate(cluster, { ...passed, to: '192.168.2.5' }),
    'dropped by forward-guard/destinations of a route by a workload/b/branch',
  )
  t.is(
    fate(cluster, { from: 'b/two', source: '10.50.1.1', to: '192.168.3.6' }),
    guard.replace('b/far', 'b/two'),
  )
  const stranger = {
    from: 'b/far',
    source: '10.50.1.1',
    to: '192.168.2.5',
    fields: { ethSrc: '0a:00:00:00:00:77' },
  }
  t.is(fate(cluster, stranger), guard)
})

test('a wide route is no leave to speak for neighbours', (t) => {
  const cluster = clusterWith(...routes(route('b/all', 31, '0.0.0.0/0', { via: ['b/far'] })))
  t.is(fate(cluster, { from: 'b/far', source: '8.8.8.8', to: '192.168.2.5' }), viaTwo)
  t.regex(
    fate(cluster, { from: 'b/far', source: '192.168.2.4', to: '192.168.2.5' }),
    /^dropped by forward-guard/,
  )
  t.is(fate(cluster, { from: 'b/far', source: '192.168.2.4', to: '198.18.0.1' }), 'outside out')
})

test('by an address: whoever has it; nobody: dropped', (t) => {
  const cluster = clusterWith(...routes(route('b/r', 31, '10.50.0.0/16', { via: ['192.168.3.77'] })))
  const packet = { from: 'b/one', to: '10.50.1.1' }
  t.is(fate(cluster, packet), 'dropped by static-route/route/b/r')
  const far = cluster.model.get('workload', 'b/far')
  if (far) cluster.commit(put('workload', { ...far, addresses: ['192.168.3.77'] }))
  t.is(fate(cluster, packet), viaFar)
})

test('by another gateway: not for floating addresses, nor for answers of forwarded ports', (t) => {
  const partner = '198.18.0.0/15'
  const cluster = clusterWith(
    ...routes(
      route('a/r', 31, partner, { gateways: ['far'] }),
      route('b/r', 32, partner, { gateways: ['far'] }),
    ),
  )
  t.is(
    fate(cluster, { from: 'a/one', to: '198.18.0.1' }),
    'outside far',
    'which no egress of the tenant is by',
  )
  t.is(fate(cluster, { from: 'a/one', to: '198.20.0.1' }), 'outside out')
  t.is(fate(cluster, { from: 'a/two', to: '198.18.0.1' }), 'outside out', 'a floating address takes it along')
  const answer = { ipProto: 6, udpSrc: 0, udpDst: 0, tcpSrc: 80, tcpDst: 40_000 }
  t.regex(
    fate(cluster, { from: 'a/one', to: '198.18.0.1', fields: answer }),
    /^dropped by uplink|^dropped by gateway-nat/,
  )
  cluster.commit(...routes(route('a/r', 31, partner, { select: {}, gateways: ['far'] })))
  t.is(fate(cluster, { from: 'a/two', to: '198.18.0.1' }), 'outside far', 'unless the route selects it')
})

test('what a workload passes on leaves as its tenant does, whatever its own way out is', (t) => {
  const cluster = clusterWith(...routes(route('a/r', 31, '10.50.0.0/16', { via: ['a/two'] })))
  t.is(fate(cluster, { from: 'a/two', source: '10.50.1.1', to: '198.18.0.1' }), 'outside out')
})

test('several egresses with one selection share the connections', (t) => {
  const cluster = clusterWith(put('egress', egress('a/also', 41, { gateway: 'far' })))
  t.is(fate(cluster, { from: 'a/one', to: '198.18.0.1' }), 'outside far')
  t.is(
    fate(cluster, { from: 'a/one', to: '198.18.0.1', fields: { ipFrag: 1 } }),
    'outside far',
    'fragments too',
  )
  cluster.commit({ table: 'egress', id: 'a/also' })
  t.is(fate(cluster, { from: 'a/one', to: '198.18.0.1' }), 'outside out')
  cluster.commit(put('egress', egress('a/also', 41, { gateway: 'far', select: { role: 'x' } })))
  t.is(
    fate(cluster, { from: 'a/one', to: '198.18.0.1' }),
    'outside out',
    'another selection is no other of the same',
  )
})

test('IPv6 is the same', (t) => {
  const cluster = clusterWith(...routes(route('b/six', 31, '2001:db8:50::/48', { via: ['b/two'] })))
  t.is(fate(cluster, { from: 'b/one', to: '2001:db8:50::1' }), viaTwo)
  t.is(
    fate(cluster, { from: 'b/two', source: '2001:db8:50::1', to: '2001:db8:2::4', mac: '0a:00:00:00:00:04' }),
    'station b/one 0a:00:00:00:00:04',
  )
  t.regex(
    fate(cluster, { from: 'b/two', source: '2001:db8:51::1', to: '2001:db8:2::4' }),
    /^dropped by spoof-guard/,
  )
})
