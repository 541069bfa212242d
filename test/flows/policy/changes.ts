import fc from 'fast-check'
import type {
  Change,
  Peer,
  PolicyRule,
  PortRange,
  Selector,
  ServicePort,
  Tier,
} from '../../../src/model/rows.js'
import { addressGroup, policy } from '../../support/policies.js'
import { egress, mirror, port, put, route, service, workload } from '../../support/rows.js'

/** Random policies, address groups and labels for the two tenants of `twoTenants`, small enough to meet often. */
const role = fc.constantFrom('web', 'client', 'db')
const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant({}),
  role.map((value) => ({ role: value })),
  fc.constantFrom<Selector[]>({ role: { in: ['web', 'db'] } }, { role: { notIn: ['web'] } }),
  fc.constantFrom<Selector[]>({ role: 'exists' }, { role: 'absent' }),
)

const cidrs = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '192.168.1.0/24',
  '192.168.1.2/32',
  '::/0',
  '2001:db8:2::4/128',
] as const
const holes = ['10.1.0.0/16', '192.168.1.3/32', '2001:db8:2::/64'] as const
const tenantIds = ['a', 'b'] as const

function peer(tenant: string | undefined): fc.Arbitrary<Peer> {
  const groups = ['all', 'bad', ...(tenant === undefined ? [] : [`${tenant}/office`])]
  return fc.oneof(
    selector.map((select): Peer => ({ kind: 'workloads', select })),
    fc
      .tuple(fc.constantFrom(...tenantIds), selector)
      .map(([id, select]): Peer => ({ kind: 'workloads', tenant: id, select })),
    fc.constantFrom('a/lan', 'b/lan', 'b/dmz').map((network): Peer => ({ kind: 'network', network })),
    fc
      .tuple(fc.constantFrom(...cidrs), fc.subarray([...holes]))
      .map(([cidr, except]): Peer => ({ kind: 'cidr', cidr, except })),
    fc.constantFrom(...groups).map((group): Peer => ({ kind: 'group', group })),
  )
}

const portRange: fc.Arbitrary<PortRange> = fc.oneof(
  fc
    .constantFrom('tcp' as const, 'udp' as const, 'sctp' as const, 'icmp' as const, 'icmp6' as const)
    .map((protocol) => ({ protocol })),
  fc.constantFrom<PortRange[]>(
    { protocol: 'tcp', range: [80, 80] },
    { protocol: 'tcp', range: [79, 90] },
    { protocol: 'udp', range: [0, 1023] },
    { protocol: 'icmp', range: [8, 8] },
  ),
)

type Place = readonly [id: string, number: number, tier: Tier]

/** Each has a number, and room for its positions, of its own. */
const places: readonly Place[] = [
  ['guard', 1, 'admin'],
  ['floor', 2, 'baseline'],
  ['a/one', 3, 'tenant'],
  ['a/two', 4, 'tenant'],
  ['b/one', 5, 'tenant'],
  ['b/two', 6, 'tenant'],
  ['b/first', 7, 'admin'],
]

function ruleList(
  tenant: string | undefined,
  tier: Tier,
  number: number,
): fc.Arbitrary<readonly PolicyRule[]> {
  const actions =
    tier === 'tenant' ? (['allow', 'deny', 'reject'] as const) : (['allow', 'deny', 'pass'] as const)
  const body = fc.record(
    {
      peers: fc.array(peer(tenant), { maxLength: 3 }),
      ports: fc.array(portRange, { maxLength: 3 }),
      action: fc.constantFrom(...actions),
      log: fc.boolean(),
    },
    { requiredKeys: ['action', 'log'] },
  )
  return fc
    .array(body, { maxLength: 3 })
    .map((list) => list.map((rule, index) => ({ ...rule, index, position: number * 10 + index })))
}

export const policyChange: fc.Arbitrary<Change> = fc.constantFrom(...places).chain(([id, number, tier]) => {
  const tenant = id.includes('/') ? id.slice(0, id.indexOf('/')) : undefined
  const list = () => fc.option(ruleList(tenant, tier, number), { nil: undefined })
  return fc
    .tuple(list(), list(), selector, fc.constantFrom('recheck' as const, 'keep' as const))
    .map(([ingress, egress, select, established]) =>
      put(
        'policy',
        policy(id, number, {
          tier,
          select,
          established,
          ...(ingress ? { ingress } : {}),
          ...(egress ? { egress } : {}),
        }),
      ),
    )
})

const groupChange: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom('all', 'bad', 'a/office', 'b/office'),
    fc.subarray([
      '0.0.0.0/0',
      '10.0.0.0/8',
      '10.1.2.3/32',
      '192.168.1.2/32',
      '2001:db8::/32',
      '2001:db8:2::4/128',
    ]),
  )
  .map(([id, addresses]) => put('addressGroup', addressGroup(id, addresses)))

const workloadChange: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom('a/one', 'a/two', 'b/one', 'b/two'),
    fc.option(role, { nil: undefined }),
    fc.subarray([0, 1, 2, 3, 4, 5]),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([id, value, further, virtual, behind]) => {
    const key = { 'a/one': 2, 'a/two': 3, 'b/one': 4, 'b/two': 5 }[id] ?? 0
    const [tenant] = id.split('/')
    const addresses = tenant === 'a' ? [`192.168.1.${key}`] : [`192.168.2.${key}`, `2001:db8:2::${key}`]
    const labels = value === undefined ? {} : { role: value }
    const net = tenant === 'a' ? 1 : 2
    const ips = [`192.168.${net}.100`, `192.168.${net}.2`, `192.168.${net}.128/26`, `192.168.${net}.0/24`]
    const all = [...ips, '2001:db8:2::100', '2001:db8:2::/96']
    const mac = virtual ? '00:00:5e:00:01:05' : `0a:00:00:00:00:0${key}`
    const allowed = further.map((n) => ({ ip: all[n] ?? '', mac }))
    const trunk = behind && id.endsWith('two') ? { trunk: { parent: `${tenant}/one`, tag: 5 } } : {}
    const more = { ...(allowed.length > 0 && { allowed }), ...trunk }
    return put('workload', workload(id, `${tenant}/lan`, key, { addresses, labels, ...more }))
  })

const placementChange: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(fc.constantFrom('h1', 'h2'), fc.constantFrom('a/one', 'a/two', 'b/one', 'b/two'))
    .map(([host, id]) =>
      put(
        'port',
        port(
          host,
          `x${id.replace('/', '')}`,
          id,
          20 + (id.charCodeAt(0) - 96) * 10 + id.charCodeAt(2) - 110 + id.charCodeAt(3) - 110,
        ),
      ),
    ),
  fc.constantFrom('h1/a1', 'h2/a2', 'h1/b1', 'h2/b2').map((id): Change => ({ table: 'port', id })),
)

const peeringChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom('a/b', 'b/a'), fc.boolean())
  .map(([id, consents]): Change => {
    const [tenant = '', peer = ''] = id.split('/')
    return consents ? put('peering', { id, tenant, peer }) : { table: 'peering', id }
  })

/** The blocks of each route that has no selector: two to one block are an error of the files. */
const routeBlocks = {
  'a/r1': ['0.0.0.0/0', '192.168.2.0/24'],
  'a/r2': ['10.0.0.0/8', '192.168.1.2/32', '::/0'],
  'b/r1': ['0.0.0.0/0', '192.168.2.0/24', '2001:db8:2::4/128'],
  'b/r2': ['10.0.0.0/8', '192.168.3.0/24'],
  'b/r3': ['192.168.1.2/32', '::/0'],
} as const
const routeIds = ['a/r1', 'a/r2', 'b/r1', 'b/r2', 'b/r3'] as const
const blocks = ['0.0.0.0/0', '10.0.0.0/8', '192.168.2.0/24', '192.168.1.2/32', '::/0', '2001:db8:2::4/128']
const vias: Readonly<Record<string, readonly (readonly string[])[]>> = {
  a: [['a/one'], ['192.168.1.3'], ['a/one', 'a/two'], ['a/gone']],
  b: [['b/far'], ['b/one', '192.168.3.6'], ['2001:db8:2::5']],
}

const routeChange: fc.Arbitrary<Change> = fc.constantFrom(...routeIds).chain((id) => {
  const about = fc.oneof(
    fc.constantFrom(...routeBlocks[id]).map((to) => ({ to, select: undefined })),
    fc.record({ to: fc.constantFrom(...blocks), select: selector }),
  )
  return fc.tuple(about, fc.nat(5)).map(([{ to, select }, way]) => {
    const via = vias[id.slice(0, 1)]?.[way]
    const gateways = [['out'], ['out', 'far']][way - 4]
    const next = via ? { via } : gateways ? { gateways } : {}
    return put('route', route(id, 40 + routeIds.indexOf(id), to, { ...next, ...(select ? { select } : {}) }))
  })
})

const egressIds = ['a/internet', 'a/other', 'b/internet', 'b/other', 'b/third']
const egressChange: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom(...egressIds),
    fc.constantFrom('out', 'far'),
    fc.option(selector, { nil: undefined }),
  )
  .map(([id, by, select]) =>
    put('egress', egress(id, 60 + egressIds.indexOf(id), { gateway: by, ...(select ? { select } : {}) })),
  )

const mirrorChange: fc.Arbitrary<Change> = fc
  .record({
    id: fc.constantFrom('a/m', 'b/m', 'b/n'),
    to: fc.constantFrom('one', 'two', 'gone'),
    direction: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
    select: selector,
  })
  .map(({ id, to, ...more }) =>
    put('mirror', mirror(id, 50 + id.charCodeAt(0) + id.charCodeAt(2), { to: `${id[0]}/${to}`, ...more })),
  )

/** Addresses of services: in their tenant's network, in another one, in none. */
const serviceAddresses = {
  'a/s1': [['192.168.1.80'], ['192.168.1.80', '2001:db8:9::80'], ['10.96.0.1']],
  'a/s2': [['192.168.1.81'], ['2001:db8:9::81']],
  'b/s1': [['192.168.2.80'], ['192.168.2.80', '2001:db8:2::80'], ['192.168.3.80']],
  'b/s2': [['192.168.2.81'], ['10.96.0.2', 'fd00::2']],
} as const
const serviceIds = ['a/s1', 'a/s2', 'b/s1', 'b/s2'] as const
const servicePorts: readonly ServicePort[] = [
  { protocol: 'tcp', range: [80, 80] },
  { protocol: 'tcp', range: [8000, 8100] },
  { protocol: 'tcp', range: [443, 443], target: 8443 },
  { protocol: 'udp' },
  { protocol: 'sctp', range: [5000, 5000] },
]

const serviceChange: fc.Arbitrary<Change> = fc.constantFrom(...serviceIds).chain((id) =>
  fc
    .tuple(
      fc.constantFrom(...serviceAddresses[id]),
      fc.option(fc.subarray([...servicePorts], { minLength: 1 }), { nil: undefined }),
      selector,
      fc.constantFrom('connection' as const, 'source' as const),
    )
    .map(([addresses, ports, backends, affinity]) => {
      const more = { addresses, backends, affinity, ...(ports ? { ports } : {}) }
      return put('service', service(id, 80 + serviceIds.indexOf(id), more))
    }),
)

const removal: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom('a/m', 'b/m', 'b/n').map((id): Change => ({ table: 'mirror', id })),
  fc.constantFrom(...routeIds).map((id): Change => ({ table: 'route', id })),
  fc.constantFrom(...serviceIds).map((id): Change => ({ table: 'service', id })),
  fc.constantFrom('a/other', 'b/other', 'b/third').map((id): Change => ({ table: 'egress', id })),
  fc.constantFrom(...places).map(([id]): Change => ({ table: 'policy', id })),
  fc.constantFrom('all', 'bad', 'a/office', 'b/office').map((id): Change => ({ table: 'addressGroup', id })),
)

/** A change of anything that policy follows from. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: policyChange },
  { weight: 2, arbitrary: groupChange },
  { weight: 2, arbitrary: workloadChange },
  { weight: 1, arbitrary: placementChange },
  { weight: 1, arbitrary: peeringChange },
  { weight: 1, arbitrary: mirrorChange },
  { weight: 3, arbitrary: routeChange },
  { weight: 3, arbitrary: serviceChange },
  { weight: 1, arbitrary: egressChange },
  { weight: 2, arbitrary: removal },
)
