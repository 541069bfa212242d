import test from 'ava'
import type { NetworkRow } from '../../src/model/rows.js'
import { advertisementFor } from '../../src/router-advertisements/content.js'
import { network, workload } from '../support/rows.js'

const mac = '0a:00:00:00:00:02'
const formed = '2001:db8:2:0:800:ff:fe00:2'
const dhcp = { dns: ['192.168.2.53', '2001:db8::53'], domain: 'example.org', lease: 3600 }

function told(addresses: readonly string[], more: Partial<NetworkRow> = {}) {
  const lan = network('b/lan', 2, { subnet6: '2001:db8:2::/64', gateway6: '2001:db8:2::1', ...more })
  return advertisementFor(lan, workload('b/web', 'b/lan', 2, { mac, addresses }))
}

/** Flags A, M and O. */
function flags(...of: Parameters<typeof told>): string {
  const said = told(...of)
  return [said?.isAutonomous && 'A', said?.isManaged && 'M', said?.hasOther && 'O'].filter(Boolean).join('')
}

test('a workload is told to get the addresses that it has', (t) => {
  t.is(flags(['192.168.2.4', '2001:db8:2::4']), '')
  t.is(flags(['192.168.2.4', '2001:db8:2::4'], { dhcp }), 'MO')
  t.is(flags(['192.168.2.4', formed]), 'A')
  t.is(flags(['192.168.2.4', formed], { dhcp }), 'AO')
  t.is(flags([formed, '2001:db8:2::4'], { dhcp }), 'AMO')
  t.is(flags(['192.168.2.4'], { dhcp }), 'O')
  // Nobody forms an address in a prefix of another length.
  t.is(flags(['2001:db8:2::800:ff:fe00:2'], { subnet6: '2001:db8:2::/80' }), '')
})

test('another MAC that a workload may use is told to form what it may use, and nothing else', (t) => {
  const lan = network('b/lan', 2, { subnet6: '2001:db8:2::/64', dhcp })
  const other = '0a:00:00:00:00:09'
  const web = workload('b/web', 'b/lan', 2, {
    mac,
    addresses: ['2001:db8:2::4'],
    allowed: [
      { ip: '2001:db8:2:0:800:ff:fe00:9', mac: other },
      { ip: '2001:db8:3::/64', mac: other },
      { ip: formed, mac: '0a:00:00:00:00:0a' },
    ],
  })
  t.like(advertisementFor(lan, web), { isAutonomous: false, isManaged: true })
  t.like(advertisementFor(lan, web, other), { isAutonomous: true, isManaged: false, hasOther: true })
  t.like(advertisementFor(lan, web, '0a:00:00:00:00:0a'), { isAutonomous: false, isManaged: false })
})

test('router, servers and domain are those of the network', (t) => {
  t.like(told([formed]), {
    routerLifetime: 65_535,
    mtu: 1450,
    dnsServers: ['2001:db8:2::1'],
    domains: ['lan.b.internal'],
  })
  t.like(told([formed], { dhcp }), { dnsServers: ['2001:db8::53'], domains: ['example.org'] })
  t.like(told([formed], { routed: false }), { routerLifetime: 0, dnsServers: [] })
  // The name of an object may have dots where a domain cannot.
  t.deepEqual(told([formed], { name: 'a..b' })?.domains, [])
})

test('a network without IPv6 has no router advertisements', (t) => {
  t.is(advertisementFor(network('b/lan', 2), workload('b/web', 'b/lan', 2)), undefined)
})

test('where the router is a physical one, that one advertises itself', (t) => {
  const vlan = { bridge: 'br-phys', tag: 5 }
  t.truthy(told([formed], { vlan }))
  t.is(told([formed], { vlan, routed: false }), undefined)
})
