import fc from 'fast-check'
import type {
  Change,
  LabelCondition,
  Peer,
  PolicyRule,
  PortRange,
  Selector,
  Tier,
  WorkloadRow,
} from '../../src/model/rows.js'
import { addressGroup, policy } from '../support/policies.js'
import {
  egress,
  gateway,
  host,
  network,
  port,
  put,
  route,
  service,
  tenant,
  workload,
} from '../support/rows.js'

/** A small cluster where everything that policy can tell apart occurs, and random changes of it. */
export const hosts = ['h1', 'h2', 'h3'] as const

interface Member {
  readonly id: string
  readonly network: string
  readonly key: number
  readonly on: (typeof hosts)[number]
  readonly addresses: readonly string[]
  readonly more?: Pick<WorkloadRow, 'allowed' | 'trunk'>
}

const both = (vni: number, key: number) => [`192.168.${vni}.${key}`, `2001:db8:${vni}::${key}`]

export const members: readonly Member[] = [
  {
    ...{ id: 'a/one', network: 'a/lan', key: 2, on: 'h1', addresses: both(1, 2) },
    more: {
      allowed: [
        { ip: '192.168.1.50', mac: '0a:00:00:00:00:02' },
        { ip: '2001:db8:1::50', mac: '0a:00:00:00:00:02' },
        { ip: '192.168.1.0/25', mac: '0a:00:00:00:00:02' },
      ],
    },
  },
  { id: 'a/two', network: 'a/lan', key: 3, on: 'h2', addresses: both(1, 3) },
  { id: 'a/far', network: 'a/dmz', key: 4, on: 'h1', addresses: ['192.168.2.4'] },
  { id: 'b/one', network: 'b/lan', key: 5, on: 'h1', addresses: both(3, 5) },
  { id: 'b/two', network: 'b/lan', key: 6, on: 'h2', addresses: both(3, 6) },
  { id: 'b/far', network: 'b/dmz', key: 7, on: 'h3', addresses: both(4, 7) },
  { id: 'c/one', network: 'c/lan', key: 8, on: 'h3', addresses: both(5, 8) },
  {
    ...{ id: 'b/sub', network: 'b/dmz', key: 10, on: 'h1', addresses: both(4, 10) },
    more: { trunk: { parent: 'b/one', tag: 5 } },
  },
  { id: 'c/cut', network: 'c/cut', key: 9, on: 'h3', addresses: ['192.168.6.9'] },
]

const tenants = ['a', 'b', 'c'] as const
const vnis = { 'a/lan': 1, 'a/dmz': 2, 'b/lan': 3, 'b/dmz': 4, 'c/lan': 5, 'c/cut': 6 } as const

/** The cluster before any policy. Tenants a and c leave by a gateway on the first host. */
export const world: readonly Change[] = [
  put('cluster', { id: 'cluster', name: 'test', encapsulation: 'geneve' }),
  put('settled', { id: '' }),
  ...hosts.map((id, n) => put('host', host(id, n + 1))),
  ...hosts.map((id, n) =>
    put('bridge', { id, tunnelPort: 100 + n, uplinks: id === 'h1' ? { out: 200 } : {} }),
  ),
  put(
    'gateway',
    gateway('out', 99, { subnet6: '2001:db8:f::/64', address6: '2001:db8:f::70', nextHop6: '2001:db8:f::1' }),
  ),
  ...['203.0.113.1', '2001:db8:f::1'].map((address) =>
    put('neighbour', { id: `out/${address}`, gateway: 'out', address, mac: '0a:ee:00:00:00:01' }),
  ),
  ...tenants.map((id, n) => put('tenant', tenant(id, n + 1))),
  ...Object.entries(vnis).map(([id, vni]) =>
    put(
      'network',
      network(id, vni, {
        subnet6: `2001:db8:${vni}::/64`,
        gateway6: `2001:db8:${vni}::1`,
        routed: id !== 'c/cut',
      }),
    ),
  ),
  ...['a', 'c'].map((id) => put('egress', egress(`${id}/internet`, id === 'a' ? 1 : 2))),
  ...['a/b', 'b/a', 'b/c', 'c/b'].map((id) => {
    const [owner = '', other = ''] = id.split('/')
    return put('peering', { id, tenant: owner, peer: other })
  }),
  ...members.map((one) => member(one)),
  ...members
    .filter(({ more }) => more?.trunk === undefined)
    .map(({ id, on, key }) => put('port', port(on, id.replace('/', ''), id, key))),
]

function member(
  { id, network: of, key, addresses, more }: Member,
  labels: Partial<Pick<WorkloadRow, 'labels'>> = {},
): Change {
  return put('workload', workload(id, of, key, { addresses, ...more, ...labels }))
}

const role = fc.constantFrom('web', 'client', 'db')
const condition: fc.Arbitrary<LabelCondition> = fc.oneof(
  role,
  fc.subarray(['web', 'client', 'db'], { minLength: 1 }).map((values) => ({ in: values })),
  fc.subarray(['web', 'client', 'db'], { minLength: 1 }).map((values) => ({ notIn: values })),
  fc.constantFrom('exists' as const, 'absent' as const),
)
const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant({}),
  condition.map((one) => ({ role: one })),
  fc.tuple(condition, fc.constantFrom('gold', 'tin')).map(([one, tier]) => ({ role: one, tier })),
)

const groups = ['all', 'bad', 'a/office', 'b/office', 'c/office'] as const
const blocks = [
  ...['0.0.0.0/0', '10.0.0.0/8', '192.168.0.0/16', '192.168.1.0/24', '192.168.1.2/32', '192.168.3.4/30'],
  ...[
    '198.51.100.0/24',
    '::/0',
    '2001:db8::/32',
    '2001:db8:3::/64',
    '2001:db8:1::2/128',
    '2001:db8:ffff::/48',
  ],
] as const
const holes = [
  '192.168.1.0/24',
  '192.168.3.6/32',
  '198.51.100.128/25',
  '2001:db8:1::/64',
  '2001:db8:3::6/128',
]

/** Outside addresses to try: in and beside the blocks that policies name. */
export const outside = [
  '198.51.100.7',
  '198.51.100.200',
  '10.1.2.3',
  '203.0.113.1',
  '2001:db8:ffff::1',
  '2606:4700::1',
]

function peer(owner: string | undefined): fc.Arbitrary<Peer> {
  const own = groups.filter((id) => !id.includes('/') || id.startsWith(`${owner}/`))
  const name = { 4: (block: string) => !block.includes(':'), 6: (block: string) => block.includes(':') }
  return fc.oneof(
    selector.map((select): Peer => ({ kind: 'workloads', select })),
    fc
      .tuple(fc.constantFrom(...tenants), selector)
      .map(([id, select]): Peer => ({ kind: 'workloads', tenant: id, select })),
    fc.constantFrom(...Object.keys(vnis)).map((id): Peer => ({ kind: 'network', network: id })),
    fc.tuple(fc.constantFrom(...blocks), fc.subarray([...holes])).map(
      ([cidr, except]): Peer => ({
        kind: 'cidr',
        cidr,
        except: except.filter(name[cidr.includes(':') ? 6 : 4]),
      }),
    ),
    fc.constantFrom(...own).map((id): Peer => ({ kind: 'group', group: id })),
  )
}

const portRange: fc.Arbitrary<PortRange> = fc.oneof(
  fc.constantFrom<PortRange[]>(
    ...[{ protocol: 'tcp' as const }, { protocol: 'udp' as const }, { protocol: 'sctp' as const }],
    ...[{ protocol: 'icmp' as const }, { protocol: 'icmp6' as const }],
    ...[
      { protocol: 'icmp' as const, range: [8, 8] as const },
      { protocol: 'icmp6' as const, range: [128, 128] as const },
    ],
  ),
  fc
    .tuple(
      fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
      fc.integer({ min: 1, max: 65_535 }),
      fc.nat(3000),
    )
    .map(([protocol, first, more]) => ({
      protocol,
      range: [first, Math.min(65_535, first + more)] as const,
    })),
)

/** Some of them, rarely none: an empty list fits nobody. */
function few<T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  const some = fc.array(one, { minLength: 1, maxLength: 4 })
  return fc.oneof({ weight: 9, arbitrary: some }, { weight: 1, arbitrary: fc.constant([]) })
}

type Place = readonly [id: string, number: number, tier: Tier]

/** Each has a number, and room for its positions, of its own. */
export const places: readonly Place[] = [
  ['first', 1, 'admin'],
  ['second', 2, 'admin'],
  ['floor', 3, 'baseline'],
  ['a/one', 4, 'tenant'],
  ['a/two', 5, 'tenant'],
  ['b/one', 6, 'tenant'],
  ['b/two', 7, 'tenant'],
  ['b/three', 8, 'tenant'],
  ['c/one', 9, 'tenant'],
  ['a/first', 10, 'admin'],
  ['b/floor', 11, 'baseline'],
  ['floor-two', 12, 'baseline'],
]

function ruleList(
  owner: string | undefined,
  tier: Tier,
  number: number,
): fc.Arbitrary<readonly PolicyRule[]> {
  const last = tier === 'tenant' ? [] : (['pass'] as const)
  const body = fc.record(
    {
      peers: few(peer(owner)),
      ports: few(portRange),
      action: fc.constantFrom(
        'allow' as const,
        'allow' as const,
        'allow' as const,
        'deny' as const,
        'reject' as const,
        ...last,
      ),
      log: fc.boolean(),
    },
    { requiredKeys: ['action', 'log'] },
  )
  return fc
    .array(body, { maxLength: 4 })
    .map((list) => list.map((rule, index) => ({ ...rule, index, position: number * 10 + index })))
}

const policyChange: fc.Arbitrary<Change> = fc.constantFrom(...places).chain(([id, number, tier]) => {
  const owner = id.includes('/') ? id.slice(0, id.indexOf('/')) : undefined
  const list = fc.option(ruleList(owner, tier, number), { nil: undefined })
  return fc
    .tuple(list, list, selector, fc.constantFrom('recheck' as const, 'keep' as const))
    .map(([ingress, egress, select, established]) =>
      put(
        'policy',
        policy(id, number, {
          ...{ tier, select, established },
          ...(ingress ? { ingress } : {}),
          ...(egress ? { egress } : {}),
        }),
      ),
    )
})

const labelChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...members), fc.option(role, { nil: undefined }), fc.constantFrom('gold', 'tin'))
  .map(([one, value, tier]) =>
    member(one, { labels: value === undefined ? { tier } : { role: value, tier } }),
  )

const groupChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...groups), fc.subarray([...blocks, ...holes]))
  .map(([id, addresses]) => put('addressGroup', addressGroup(id, [...new Set(addresses)].sort())))

/** One tenant's consent to another; it may have several that name the same. */
const peerings = ['a/b', 'a/b-2', 'b/a', 'b/a-2', 'b/c', 'c/b']

const peeringChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...peerings), fc.option(fc.subarray(['lan', 'dmz']), { nil: undefined }))
  .map(([id, networks]) => {
    const [owner = '', other = ''] = id.split(/[/-]/)
    return put('peering', { id, tenant: owner, peer: other, ...(networks ? { networks } : {}) })
  })

const move: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...members), fc.constantFrom(...hosts))
  .map(([{ id, key }, on]) => put('port', port(on, id.replace('/', ''), id, key)))

const routes = ['a/r1', 'a/r2', 'b/r1', 'b/r2', 'c/r1', 'c/r2'] as const

/**
 * Routes of every sort; by workloads only to where no workload of the cluster is. The second of a tenant is a policy
 * route: two others to one block are an error of the files.
 */
const routeChange: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom(...routes),
    fc.option(selector, { nil: undefined }),
    fc.oneof(
      fc.tuple(
        fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '198.51.100.128/25', '::/0', '2001:db8:ffff::/48'),
        fc.constantFrom('via' as const, 'gateways' as const, 'drop' as const),
      ),
      fc.tuple(
        fc.constantFrom('192.168.0.0/16', '192.168.2.0/24', '192.168.3.6/32', '2001:db8:3::/64'),
        fc.constantFrom('drop' as const),
      ),
    ),
    fc.constantFrom('one', 'two', 'far', 'cut'),
  )
  .map(([id, wanted, [to, next], name]) => {
    const select = id.endsWith('2') ? (wanted ?? {}) : wanted
    const hops = { via: { via: [`${id.slice(0, 1)}/${name}`] }, gateways: { gateways: ['out'] }, drop: {} }[
      next
    ]
    return put('route', route(id, 10 + routes.indexOf(id), to, { ...hops, ...(select ? { select } : {}) }))
  })

/** Services, of whose backends workloads are clients by other ways too; nobody asks for their own addresses here. */
const services = {
  'a/s': ['192.168.1.80', '2001:db8:1::80'],
  'b/s': ['192.168.3.80'],
  'b/t': ['10.96.77.1', 'fd77::1'],
  'c/s': ['192.168.6.80'],
} as const
const serviceIds = ['a/s', 'b/s', 'b/t', 'c/s'] as const

const serviceChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...serviceIds), selector, fc.boolean())
  .map(([id, backends, all]) =>
    put(
      'service',
      service(id, 40 + serviceIds.indexOf(id), {
        ...{ addresses: services[id], backends },
        ...(all ? {} : { ports: [{ protocol: 'tcp', range: [80, 80] }] }),
      }),
    ),
  )

const removal: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(...serviceIds).map((id): Change => ({ table: 'service', id })),
  fc.constantFrom(...routes).map((id): Change => ({ table: 'route', id })),
  fc.constantFrom(...places).map(([id]): Change => ({ table: 'policy', id })),
  fc.constantFrom(...groups).map((id): Change => ({ table: 'addressGroup', id })),
  fc.constantFrom(...peerings).map((id): Change => ({ table: 'peering', id })),
)

/** A change of what policies follow from. */
export const worldChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: policyChange },
  { weight: 3, arbitrary: labelChange },
  { weight: 2, arbitrary: groupChange },
  { weight: 2, arbitrary: peeringChange },
  { weight: 2, arbitrary: routeChange },
  { weight: 2, arbitrary: serviceChange },
  { weight: 1, arbitrary: move },
  { weight: 1, arbitrary: removal },
)
