import { pipeline } from '../../flows/pipeline.js'
import { scopesOfHost } from '../../flows/scopes.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { Engine } from '../../src/pipeline/engine.js'
import {
  bandwidth,
  egress,
  floatingIp,
  gateway,
  host,
  mirror,
  network,
  port,
  portForward,
  put,
  route,
  tenant,
  workload,
} from './rows.js'

/** The real pipeline over a model, without switches. */
export class Cluster {
  readonly model = new Model()
  readonly engine: Engine

  /** @param engine for other bridges than those of ours */
  constructor(engine = (model: Model) => new Engine(model, pipeline, scopesOfHost)) {
    this.engine = engine(this.model)
  }

  commit(...changes: readonly Change[]): this {
    this.engine.apply(this.model.commit(changes))
    this.engine.run()
    for (const fault of this.engine.faults.values()) throw fault
    return this
  }

  /** Every flow of a bridge: its key, content and the id of its unit, sorted. */
  flows(id: string): readonly (readonly [key: string, content: string, unit: string])[] {
    const desired = this.engine.desired(id)
    return [...(desired?.keys() ?? [])].sort().map((key) => {
      const flow = desired?.get(key)
      return [key, flow?.content ?? '', flow?.unit.id ?? ''] as const
    })
  }
}

const gatewayOfTwoTenants = gateway('out', 9, {
  subnet6: '2001:db8:f::/64',
  address6: '2001:db8:f::70',
  nextHop6: '2001:db8:f::1',
})

/** Two tenants on two hosts, the second with IPv6 and DHCP, both leaving by a gateway on the first host. */
export const twoTenants: readonly Change[] = [
  put('cluster', { id: 'cluster', name: 'test', encapsulation: 'geneve' }),
  put('host', host('h1', 1)),
  put('host', host('h2', 2)),
  put('bridge', { id: 'h1', tunnelPort: 100, uplinks: { out: 200 } }),
  put('bridge', { id: 'h2', tunnelPort: 101, uplinks: {} }),
  put('gateway', gatewayOfTwoTenants),
  put('neighbour', {
    id: 'out/203.0.113.1',
    gateway: 'out',
    address: '203.0.113.1',
    mac: '0a:ee:00:00:00:01',
  }),
  put('tenant', tenant('a', 1)),
  put('network', network('a/lan', 1)),
  put('workload', workload('a/one', 'a/lan', 2)),
  put('workload', workload('a/two', 'a/lan', 3)),
  put('egress', egress('a/internet', 1)),
  put('tenant', tenant('b', 2)),
  put(
    'network',
    network('b/lan', 2, {
      subnet6: '2001:db8:2::/64',
      gateway6: '2001:db8:2::1',
      dhcp: { dns: ['192.168.2.53'], domain: 'lan.b.internal', lease: 3600 },
    }),
  ),
  put('network', network('b/dmz', 3)),
  put(
    'workload',
    workload('b/one', 'b/lan', 4, {
      addresses: ['192.168.2.4', '2001:db8:2::4'],
      labels: { role: 'client' },
    }),
  ),
  put(
    'workload',
    workload('b/two', 'b/lan', 5, { addresses: ['192.168.2.5', '2001:db8:2::5'], labels: { role: 'web' } }),
  ),
  put('workload', workload('b/far', 'b/dmz', 6, { addresses: ['192.168.3.6'] })),
  put('egress', egress('b/internet', 2)),
  put('port', port('h1', 'a1', 'a/one', 1)),
  put('port', port('h2', 'a2', 'a/two', 2)),
  put('port', port('h1', 'b1', 'b/one', 3)),
  put('port', port('h2', 'b2', 'b/two', 4)),
  put('port', port('h2', 'bf', 'b/far', 5)),
]

/** Limits of every kind for the first of the two tenants. */
export const limits: readonly Change[] = [
  put('bandwidth', bandwidth('a/all-out', 1, { direction: 'out', scope: 'tenant' })),
  put(
    'bandwidth',
    bandwidth('a/gold-out', 2, { direction: 'out', scope: 'tenant', select: { class: 'gold' } }),
  ),
  put('bandwidth', bandwidth('a/all-in', 3, { direction: 'in', scope: 'tenant', dscp: 10 })),
  put('bandwidth', bandwidth('a/each-out', 4, { direction: 'out', scope: 'workload', dscp: 46 })),
  put('bandwidth', bandwidth('a/each-in', 5, { direction: 'in', scope: 'workload' })),
  put('workload', workload('a/one', 'a/lan', 2, { labels: { class: 'gold' } })),
]

/** Mirrors of both tenants, one workload with two; copies stay on a host and cross to the other. */
export const mirrors: readonly Change[] = [
  put('mirror', mirror('a/all', 41)),
  put('mirror', mirror('b/clients', 42, { select: { role: 'client' }, to: 'b/far' })),
  put('mirror', mirror('b/sent', 43, { to: 'b/far', direction: 'out' })),
]

/** A third host, and the gateway of the two tenants on the first two: all three watch each other. */
export const severalHosts: readonly Change[] = [
  put('host', host('h3', 3)),
  put('gateway', { ...gatewayOfTwoTenants, hosts: ['h1', 'h2'] }),
  put('bridge', {
    id: 'h1',
    tunnelPort: 100,
    uplinks: { out: 200 },
    sessions: { h2: { watched: 12, loop: 13 }, h3: { watched: 14, loop: 15 } },
    holders: { out: { h1: { watched: 51, loop: 52 }, h2: { watched: 53, loop: 54 } } },
    lately: { out: { h1: { watched: 71, loop: 72 }, h2: { watched: 73, loop: 74 } } },
    steady: [
      { watched: 61, loop: 62 },
      { watched: 63, loop: 64 },
    ],
  }),
  put('bridge', {
    id: 'h2',
    tunnelPort: 101,
    uplinks: { out: 201 },
    sessions: { h1: { watched: 21, loop: 22 }, h3: { watched: 23, loop: 24 } },
    holders: { out: { h1: { watched: 55, loop: 56 }, h2: { watched: 57, loop: 58 } } },
    lately: { out: { h1: { watched: 75, loop: 76 }, h2: { watched: 77, loop: 78 } } },
    steady: [
      { watched: 65, loop: 66 },
      { watched: 67, loop: 68 },
    ],
  }),
  put('bridge', {
    id: 'h3',
    tunnelPort: 102,
    uplinks: {},
    sessions: { h1: { watched: 31, loop: 32 }, h2: { watched: 33, loop: 34 } },
  }),
]

/** Beside those: routes of every sort, and connections that take one of two gateways. */
export const someRoutes: readonly Change[] = [
  put('route', route('b/branch', 21, '10.50.0.0/16', { via: ['b/far'] })),
  put('route', route('b/nowhere', 22, '10.50.9.0/24')),
  put(
    'route',
    route('b/guarded', 23, '192.168.3.0/24', { select: { role: 'client' }, via: ['192.168.2.5'] }),
  ),
  put('route', route('b/partner', 24, '198.18.0.0/15', { gateways: ['far'] })),
  put('route', route('b/all', 25, '198.18.7.0/24', { select: {}, via: ['b/far', '192.168.2.5'] })),
  put('route', route('b/six', 26, '2001:db8:50::/48', { select: { role: 'client' }, via: ['b/two'] })),
  put('route', route('b/both', 27, '198.51.99.0/24', { gateways: ['out', 'far'] })),
  put('egress', egress('a/second', 28, { gateway: 'far' })),
  put('egress', egress('b/web-too', 29, { select: { role: 'web' } })),
]

/** Beside the two tenants: floating addresses, forwards, an egress for some workloads, a second gateway. */
export const addressesOutside: readonly Change[] = [
  put(
    'gateway',
    gateway('far', 10, { subnet: '198.51.100.0/24', address: '198.51.100.70', nextHop: '198.51.100.1' }),
  ),
  put('bridge', { id: 'h1', tunnelPort: 100, uplinks: { out: 200, far: 201 } }),
  put('egress', egress('b/web', 11, { select: { role: 'web' }, gateway: 'far', address: '198.51.100.80' })),
  put('floatingIp', floatingIp('a/two', 12, 'a/two')),
  put('floatingIp', floatingIp('b/six', 13, 'b/one', { address: '2001:db8:f::13' })),
  put('portForward', portForward('a/web', 14, 'a/one')),
  put('portForward', portForward('b/web', 15, 'b/two', { protocol: 'udp' })),
]

/** The gateway of the two tenants has its host's own address, with forwards. */
export const hostAddress: readonly Change[] = [
  put('gateway', {
    ...gatewayOfTwoTenants,
    address: 'host',
    hostAddresses: { h1: '203.0.113.70' },
    hostPorts: [61_440, 65_535],
  }),
  put('outerBridge', {
    id: 'h1/br-ex',
    host: 'h1',
    bridge: 'br-ex',
    datapathId: '00000a0000000001',
    mac: '0a:01:00:00:00:01',
    uplinks: { out: 3 },
  }),
  put('portForward', portForward('a/web', 14, 'a/one')),
  put('portForward', portForward('a/dns', 15, 'a/one', { protocol: 'udp' })),
]

/** Beside several hosts of the gateway: each has its own address there. */
export const severalHostAddresses: readonly Change[] = [
  ...hostAddress,
  put('gateway', {
    ...gatewayOfTwoTenants,
    hosts: ['h1', 'h2'],
    address: 'host',
    hostAddresses: { h1: '203.0.113.70', h2: '203.0.113.71' },
    hostPorts: [61_440, 65_535],
  }),
  put('outerBridge', {
    id: 'h2/br-ex',
    host: 'h2',
    bridge: 'br-ex',
    datapathId: '00000a0000000002',
    mac: '0a:02:00:00:00:02',
    uplinks: { out: 3 },
  }),
  put('portForward', portForward('a/web', 14, 'a/one', { address: 'host' })),
  put('portForward', portForward('a/dns', 15, 'a/one', { address: 'host', protocol: 'udp' })),
]

/** Sub-ports of a workload, and what workloads may use beside their own: alone, together, with MACs of their own. */
export const behindPorts: readonly Change[] = [
  put(
    'workload',
    workload('b/sub', 'b/lan', 30, { addresses: ['192.168.2.30'], trunk: { parent: 'b/two', tag: 5 } }),
  ),
  put(
    'workload',
    workload('b/nested', 'b/lan', 31, {
      addresses: ['192.168.2.31'],
      allowed: [
        { ip: '192.168.2.100', mac: '0a:00:00:00:00:1f' },
        { ip: '192.168.2.128/26', mac: '0a:00:00:00:00:1f' },
        { ip: '192.168.2.101', mac: '0a:0b:00:00:00:01' },
        { ip: '2001:db8:2::100', mac: '00:00:5e:00:01:05' },
        { ip: '2001:db8:2::1:0/112', mac: '0a:00:00:00:00:1f' },
      ],
    }),
  ),
  put(
    'workload',
    workload('b/backup', 'b/lan', 32, {
      addresses: ['192.168.2.32'],
      allowed: [
        { ip: '192.168.2.100', mac: '0a:00:00:00:00:20' },
        { ip: '2001:db8:2::100', mac: '00:00:5e:00:01:05' },
      ],
    }),
  ),
  put('port', port('h2', 'b31', 'b/nested', 31)),
  put('port', port('h1', 'b32', 'b/backup', 32)),
  put('station', {
    id: 'b/lan/192.168.2.100',
    network: 'b/lan',
    address: '192.168.2.100',
    mac: '0a:00:00:00:00:20',
  }),
]

/** Networks on VLANs of a physical bridge that the first two hosts have, and a third host with a workload has not. */
export const vlans: readonly Change[] = [
  put('host', host('h3', 3)),
  put('bridge', { id: 'h1', tunnelPort: 100, uplinks: { out: 200 }, wires: { 'br-phys': 300 } }),
  put('bridge', { id: 'h2', tunnelPort: 101, uplinks: {}, wires: { 'br-phys': 301 } }),
  put('bridge', { id: 'h3', tunnelPort: 102, uplinks: {} }),
  put('tenant', tenant('v', 7)),
  put(
    'network',
    network('v/five', 15, {
      ...{ vlan: { bridge: 'br-phys', tag: 5 }, subnet6: '2001:db8:15::/64', gateway6: '2001:db8:15::1' },
    }),
  ),
  put('network', network('v/ten', 16, { vlan: { bridge: 'br-phys', tag: 10 } })),
  put('network', network('v/inner', 17)),
  ...(
    [
      ['v/one', 'v/five', 41, 'h1', ['192.168.15.41', '2001:db8:15::41']],
      ['v/two', 'v/five', 42, 'h2', ['192.168.15.42', '2001:db8:15::42']],
      ['v/lone', 'v/five', 43, 'h3', ['192.168.15.43']],
      ['v/ten', 'v/ten', 44, 'h2', ['192.168.16.44']],
      ['v/in', 'v/inner', 45, 'h2', ['192.168.17.45']],
    ] as const
  ).flatMap(([id, of, key, on, addresses]) => [
    put('workload', workload(id, of, key, { addresses })),
    put('port', port(on, id.replace('/', ''), id, key)),
  ]),
  put('station', {
    ...{
      id: 'v/five/192.168.15.200',
      network: 'v/five',
      address: '192.168.15.200',
      mac: '0a:ee:00:00:02:00',
    },
  }),
]
