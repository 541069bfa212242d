import test from 'ava'
import { type Filter, findings } from '../../src/reach/index.js'
import { modelOf } from './support.js'

const ground = `
{kind: Host, name: h1, ovsdb: "tcp:10.9.0.1:6640", tunnelIp: 10.9.0.1}
---
{kind: Gateway, name: out, hosts: [h1], bridge: br-ex, subnet: 203.0.113.0/24, address: 203.0.113.70, nextHop: 203.0.113.1}
---
{kind: Tenant, name: a}
---
{kind: Network, tenant: a, name: lan, subnet: 10.1.0.0/24, subnet6: fd00:1::/64}
---
{kind: Workload, tenant: a, name: web, network: lan, ip: [10.1.0.2, "fd00:1::2"], labels: {role: web}}
---
{kind: Workload, tenant: a, name: db, network: lan, ip: [10.1.0.3]}
---
{kind: Egress, tenant: a, name: out, gateway: out}
---
{kind: Tenant, name: b}
---
{kind: Network, tenant: b, name: lan, subnet: 10.2.0.0/24}
---
{kind: Workload, tenant: b, name: one, network: lan, ip: 10.2.0.2}
`

/** The findings as lines: `from > to v4 addresses ports yes|no causes`. */
const shows = test.macro(async (t, filter: Filter, policies: string, expected: readonly string[]) => {
  const model = await modelOf(ground, ...(policies === '' ? [] : [policies]))
  const lines = Array.from(
    findings(model, filter),
    ({ from, to, version, addresses, ports, allowed, causes }) => {
      const by = causes.map((cause) => {
        if (typeof cause === 'string') return cause
        if (cause.by === 'route') return `${cause.barrier ?? 'by'} ${cause.route}`
        return `${cause.direction} ${cause.policy}#${cause.index ?? cause.by}`
      })
      return [
        `${from} > ${to}`,
        `v${version}`,
        ...(addresses ?? []),
        ports.join(','),
        allowed ? 'yes' : 'no',
        ...by,
      ].join(' ')
    },
  )
  t.deepEqual(lines, expected)
})

test('every pair and the outside', shows, {}, '', [
  'a/db > a/web v4 any yes',
  'a/db > b/one v4 any no not-peered',
  'a/db > outside v4 0.0.0.0/0 any yes',
  'a/web > a/db v4 any yes',
  'a/web > b/one v4 any no not-peered',
  'a/web > outside v4 0.0.0.0/0 any yes',
  'a/web > outside v6 ::/0 any no no-way-out',
  'b/one > a/db v4 any no not-peered',
  'b/one > a/web v4 any no not-peered',
  'b/one > outside v4 0.0.0.0/0 any no no-way-out',
  'outside > a/db v4 any no no-way-in',
  'outside > a/web v4 any no no-way-in',
  'outside > a/web v6 any no no-way-in',
  'outside > b/one v4 any no no-way-in',
])

test('filters', shows, { tenant: 'b', to: 'outside' }, '', ['b/one > outside v4 0.0.0.0/0 any no no-way-out'])

test(
  'ports are cut where rules cut them, and joined where they fare alike',
  shows,
  { from: 'a/db', to: 'a/web' },
  '{kind: Policy, tenant: a, name: p, select: {role: web}, ingress: [{ports: [tcp/80, tcp/81-90, udp, icmp/8, icmp6/1]}, {ports: [tcp/85], action: deny}]}',
  [
    'a/db > a/web v4 tcp/0-79,tcp/91-65535,sctp,icmp/0-7,icmp/9-255,other no ingress a/p#isolation',
    'a/db > a/web v4 tcp/80-84,tcp/86-90,udp,icmp/8 yes ingress a/p#0',
    'a/db > a/web v4 tcp/85 no ingress a/p#1',
  ],
)

test(
  'both ends are named where both have a rule',
  shows,
  { from: 'a/web', to: 'a/db' },
  '{kind: Policy, tenant: a, name: p, select: {}, ingress: [{}], egress: [{}]}',
  ['a/web > a/db v4 any yes egress a/p#0 ingress a/p#0'],
)

test(
  'outside addresses are cut where blocks cut them; what is inside is not outside',
  shows,
  { from: 'a/web', to: 'outside' },
  `{kind: AddressGroup, name: g, addresses: [10.1.0.3, 192.0.2.1, 192.0.2.2, 198.51.100.7, 203.0.113.5]}
---
{kind: Policy, tenant: a, name: p, select: {role: web}, egress: [{to: [{group: g}]}, {to: [{cidr: 198.51.100.0/24, except: [198.51.100.128/25]}]}, {to: [{cidr: 198.51.100.7/32}], action: deny}]}`,
  [
    'a/web > outside v4 0.0.0.0/0 198.51.100.128/25 any no egress a/p#isolation',
    'a/web > outside v4 192.0.2.1/32 192.0.2.2/32 203.0.113.5/32 any yes egress a/p#0',
    'a/web > outside v4 198.51.100.0/24 any yes egress a/p#1',
    'a/web > outside v4 198.51.100.7/32 any no egress a/p#2',
    'a/web > outside v6 ::/0 any no egress a/p#isolation',
  ],
)
