import test from 'ava'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { Files } from '../../src/reach/files.js'
import { comingIn, exitBy, exitsByHost, exitsOf, isOfGateway } from '../../src/reach/gateways.js'
import { egress, floatingIp, gateway, network, portForward, put, tenant, workload } from '../support/rows.js'

const out = { subnet6: '2001:db8:f::/64', address6: '2001:db8:f::70', nextHop6: '2001:db8:f::1' } as const

/** A tenant with a routed network and one that is not, and two gateways; the second has IPv4 only. */
function filesWith(...changes: readonly Change[]): Files {
  const model = new Model()
  model.commit([
    put('tenant', tenant('a', 1)),
    put('network', network('a/lan', 1, { subnet6: '2001:db8:1::/64' })),
    put('network', network('a/cell', 2, { routed: false })),
    put('gateway', gateway('out', 9, { ...out, pool: ['203.0.113.99'] })),
    put('gateway', gateway('far', 10, { address: '198.51.100.70' })),
    put(
      'workload',
      workload('a/web', 'a/lan', 2, { addresses: ['192.168.1.2', '2001:db8:1::2'], labels: { role: 'web' } }),
    ),
    put('workload', workload('a/db', 'a/lan', 3)),
    put('workload', workload('a/lone', 'a/cell', 4, { addresses: ['192.168.2.4'] })),
    ...changes,
  ])
  return new Files(model)
}

/** How a workload leaves for an address: `GATEWAY ADDRESS`, and more where several gateways share its connections. */
function leaves(files: Files, id: string, destination = '192.0.2.1'): string {
  const source = files.rows.get('workload', id)
  const exits = source ? exitsOf(files, source, destination) : []
  return exits.map(({ gateway, address }) => `${gateway} ${address}`).join(', ')
}

const forAll = put('egress', egress('a/all', 1))
const forWebs = put(
  'egress',
  egress('a/webs', 2, { gateway: 'far', select: { role: 'web' }, address: '198.51.100.80' }),
)

test('without an egress nobody leaves', (t) => {
  t.is(leaves(filesWith(), 'a/web'), '')
})

test('an egress lends the address of its gateway, of the IP version that is asked for', (t) => {
  const files = filesWith(forAll)
  t.is(leaves(files, 'a/web'), 'out 203.0.113.70')
  t.is(leaves(files, 'a/web', '2001:db8:9::1'), 'out 2001:db8:f::70')
})

test('an egress for labels comes before one for all, and its own address before that of the gateway', (t) => {
  const files = filesWith(forAll, forWebs)
  t.is(leaves(files, 'a/web'), 'far 198.51.100.80')
  t.is(leaves(files, 'a/db'), 'out 203.0.113.70')
})

test('an egress whose gateway has no address of the IP version is none', (t) => {
  t.is(leaves(filesWith(forWebs), 'a/web', '2001:db8:9::1'), '')
  t.is(leaves(filesWith(forAll, forWebs), 'a/web', '2001:db8:9::1'), 'out 2001:db8:f::70')
})

test('egresses with the same labels share the connections', (t) => {
  const files = filesWith(forAll, put('egress', egress('a/too', 3, { gateway: 'far' })), forWebs)
  t.is(leaves(files, 'a/db'), 'out 203.0.113.70, far 198.51.100.70')
  t.is(leaves(files, 'a/web'), 'far 198.51.100.80')
})

test('a route that names a gateway leaves as otherwise by it, or with its own address', (t) => {
  const files = filesWith(forAll, forWebs)
  const by = (id: string, gateway: string, destination = '192.0.2.1') => {
    const source = files.rows.get('workload', id)
    return source && exitBy(files, source, gateway, destination).address
  }
  t.is(by('a/web', 'far'), '198.51.100.80')
  t.is(by('a/web', 'out'), '203.0.113.70')
  t.is(by('a/db', 'far'), '198.51.100.70')
  t.is(by('a/db', 'far', '2001:db8:9::1'), undefined)
})

test('a floating address comes before every egress, for its IP version', (t) => {
  const files = filesWith(forAll, forWebs, put('floatingIp', floatingIp('a/public', 12, 'a/web')))
  t.is(leaves(files, 'a/web'), 'out 203.0.113.12')
  t.is(leaves(files, 'a/web', '2001:db8:9::1'), 'out 2001:db8:f::70')
  t.is(leaves(files, 'a/db'), 'out 203.0.113.70')
})

const inward = (address: string, port = 80, protocol: 'tcp' | 'udp' = 'tcp') =>
  ({ from: { address: '192.0.2.1' }, to: { address }, protocol, port }) as const

test('a floating address leads to its workload, whatever the port', (t) => {
  const files = filesWith(put('floatingIp', floatingIp('a/public', 12, 'a/web')))
  const reached = { address: '192.168.1.2', workload: 'a/web' }
  t.deepEqual(comingIn(files, inward('203.0.113.12'))?.to, reached)
  t.deepEqual(comingIn(files, inward('203.0.113.12', 53, 'udp'))?.to, reached)
  t.is(comingIn(files, inward('203.0.113.13')), undefined)
})

test('a forward leads to the port of its workload, for its own port and protocol only', (t) => {
  const files = filesWith(put('portForward', portForward('a/web', 14, 'a/db', { port: 10_080 })))
  const reached = comingIn(files, inward('203.0.113.70', 10_080))
  t.deepEqual(reached?.to, { address: '192.168.1.3', workload: 'a/db' })
  t.is(reached?.port, 80)
  t.is(comingIn(files, inward('203.0.113.70', 10_081)), undefined)
  t.is(comingIn(files, inward('203.0.113.70', 10_080, 'udp')), undefined)
})

test('an address leads nowhere by another gateway than its own', (t) => {
  const files = filesWith(put('floatingIp', floatingIp('a/public', 12, 'a/web')))
  t.truthy(comingIn(files, inward('203.0.113.12'), { gateway: 'out' }))
  t.is(comingIn(files, inward('203.0.113.12'), { gateway: 'far' }), undefined)
})

test('nobody comes in to a network that is not routed, nor to a workload without the IP version', (t) => {
  const files = filesWith(
    put('floatingIp', floatingIp('a/lone', 12, 'a/lone')),
    put('floatingIp', floatingIp('a/db', 13, 'a/db', { address: '2001:db8:f::13' })),
  )
  t.is(comingIn(files, inward('203.0.113.12')), undefined)
  t.is(comingIn(files, inward('2001:db8:f::13')), undefined)
})

test('what a workload itself is asked about comes in by what leads to it', (t) => {
  const files = filesWith(put('portForward', portForward('a/web', 14, 'a/db', { port: 10_080 })))
  const at = (port: number) =>
    comingIn(files, {
      from: { address: '192.0.2.1' },
      to: { address: '192.168.1.3', workload: 'a/db' },
      protocol: 'tcp',
      port,
    })
  t.is(at(80)?.port, 80)
  t.is(at(81), undefined)
})

test('addresses of a gateway are its own, its pool, and what egresses and forwards have from it', (t) => {
  const files = filesWith(
    forWebs,
    put('portForward', portForward('a/web', 14, 'a/db', { address: '203.0.113.71' })),
  )
  const own = (id: string) =>
    [
      '203.0.113.70',
      '2001:db8:f::70',
      '203.0.113.99',
      '203.0.113.71',
      '198.51.100.80',
      '203.0.113.12',
    ].filter((address) => isOfGateway(files, { gateway: id }, address))
  t.deepEqual(own('out'), ['203.0.113.70', '2001:db8:f::70', '203.0.113.99', '203.0.113.71'])
  t.deepEqual(own('far'), ['198.51.100.80'])
})

test('where hosts lend a gateway their own addresses, each is that of the gateway while it carries it', (t) => {
  const hostAddresses = { h1: '203.0.113.60', h2: '203.0.113.61' }
  const files = filesWith(
    put('gateway', gateway('out', 9, { address: 'host', hosts: ['h1', 'h2'], hostAddresses })),
    forAll,
    put('portForward', portForward('a/web', 14, 'a/web', { address: 'host', port: 10_080 })),
  )
  const source = files.rows.get('workload', 'a/db')
  const exits = source ? exitsOf(files, source, '192.0.2.1').flatMap((exit) => exitsByHost(files, exit)) : []
  t.deepEqual(exits, [
    { gateway: 'out', host: 'h1', address: '203.0.113.60' },
    { gateway: 'out', host: 'h2', address: '203.0.113.61' },
  ])
  const [first, second] = exits
  for (const address of Object.values(hostAddresses))
    t.truthy(comingIn(files, inward(address, 10_080)), address)
  t.truthy(comingIn(files, inward('203.0.113.60', 10_080), first))
  t.is(comingIn(files, inward('203.0.113.60', 10_080), second), undefined)
  t.deepEqual(
    exits.map((exit) => isOfGateway(files, exit, '203.0.113.61')),
    [false, true],
  )
})
