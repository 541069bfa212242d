import test from 'ava'
import { findings } from '../../src/reach/index.js'
import { judged, modelOf } from './support.js'

const ground = `
kind: Host
name: h1
ovsdb: tcp:10.9.0.1:6640
tunnelIp: 10.9.0.1
---
{kind: Gateway, name: first, hosts: [h1], bridge: br-ex, subnet: 203.0.113.0/24, address: 203.0.113.70, nextHop: 203.0.113.1}
---
{kind: Gateway, name: second, hosts: [h1], bridge: br-ex2, subnet: 198.51.100.0/24, address: 198.51.100.70, nextHop: 198.51.100.1}
---
{kind: Tenant, name: a}
---
{kind: Network, tenant: a, name: lan, subnet: 10.1.0.0/24}
---
{kind: Network, tenant: a, name: edge, subnet: 10.2.0.0/24}
---
{kind: Workload, tenant: a, name: web, network: lan, ip: 10.1.0.2, labels: {role: web}}
---
{kind: Workload, tenant: a, name: db, network: lan, ip: 10.1.0.3, labels: {role: db}}
---
{kind: Workload, tenant: a, name: fw, network: edge, ip: 10.2.0.2, labels: {role: fw}}
---
{kind: Workload, tenant: a, name: vpn, network: edge, ip: 10.2.0.3, labels: {role: vpn}}
`
const route = (name: string, rest: string) => `---\n{kind: Route, tenant: a, name: ${name}, ${rest}}\n`

const says = test.macro(async (t, more: string, expected: Readonly<Record<string, string>>) => {
  const model = await modelOf(ground + more)
  const lines = Object.keys(expected)
  t.deepEqual(Object.fromEntries(lines.map((line) => [line, judged(model, line)])), expected)
})

test(
  'by a workload, whose policies count',
  says,
  route('branch', 'to: 10.50.0.0/16, via: vpn') +
    '---\n{kind: Policy, tenant: a, name: p, select: {role: vpn}, ingress: [{from: [{select: {role: web}}], ports: [tcp/80]}]}\n',
  {
    'a/web > 10.50.0.1 tcp/80': 'yes: - / allow a/p#0',
    'a/web > 10.50.0.1 tcp/81': 'no: - / isolation a/p',
    'a/db > 10.50.0.1 tcp/80': 'no: - / isolation a/p',
    'a/web > 10.51.0.1 tcp/80': 'no no-way-out: - / none',
    'a/vpn > 10.50.0.1 tcp/80': 'no no-way-out: - / none',
  },
)

test(
  'the longest prefix, policy routes before the others',
  says,
  route('branch', 'to: 10.50.0.0/16, via: vpn') +
    route('hole', 'to: 10.50.9.0/24, action: drop') +
    route('web', 'to: 10.0.0.0/8, select: {role: web}, via: 10.2.0.2') +
    route('lost', 'to: 10.60.0.0/16, via: 10.2.0.99'),
  {
    'a/db > 10.50.0.1 tcp/80': 'yes: - / -',
    'a/db > 10.50.9.1 tcp/80': 'no dropped: - / none',
    'a/web > 10.50.9.1 tcp/80': 'yes: - / -',
    'a/db > 10.60.0.1 tcp/80': 'no no-hop: - / none',
    'a/web > a/fw tcp/80': 'yes: - / -',
  },
)

test(
  'a network comes before what is not within it; within it a route decides, and all on the way have their say',
  says,
  route('all', 'to: 0.0.0.0/0, action: drop') +
    route('chain', 'to: 10.2.0.0/24, select: {role: web}, via: fw') +
    route('one', 'to: 10.2.0.3/32, select: {role: db}, action: drop') +
    '---\n{kind: Policy, tenant: a, name: p, select: {role: fw}, egress: [{ports: [tcp/80]}]}\n',
  {
    'a/web > a/db tcp/80': 'yes: - / -',
    'a/web > a/vpn tcp/80': 'yes: - / -',
    'a/web > a/vpn tcp/81': 'no: - / isolation a/p',
    'a/db > a/vpn tcp/80': 'no dropped: - / -',
    'a/db > a/fw tcp/80': 'yes: - / -',
    'a/web > 10.2.0.1 icmp/8': 'yes: - / none',
  },
)

test(
  'by a gateway, for those that have no floating address',
  says,
  route('out', 'to: 198.18.0.0/15, gateway: second') +
    route('both', 'to: 192.0.2.0/24, via: [{gateway: first}, {gateway: second}]') +
    '---\n{kind: FloatingIp, tenant: a, name: db, address: 203.0.113.9, workload: db, gateway: first}\n',
  {
    'a/web > 198.18.0.1 tcp/80': 'yes: - / none',
    'a/web > 192.0.2.1 tcp/80': 'yes: - / none',
    'a/web > 8.8.8.8 tcp/80': 'no no-way-out: - / none',
    'a/db > 8.8.8.8 tcp/80': 'yes: - / none',
    'a/db > 198.18.0.1 tcp/80': 'yes: - / none',
  },
)

test('the route is named, whether it leads on or drops', async (t) => {
  const model = await modelOf(
    ground + route('branch', 'to: 10.50.0.0/16, via: vpn') + route('hole', 'to: 10.50.9.0/24, action: drop'),
  )
  const found = [...findings(model, { from: 'a/web', to: 'outside' })]
  t.deepEqual(
    found.map(({ addresses, allowed, causes }) => [addresses, allowed, causes]),
    [
      [['0.0.0.0/0'], false, ['no-way-out']],
      [['10.50.0.0/16'], true, [{ by: 'route', route: 'a/branch' }]],
      [['10.50.9.0/24'], false, [{ by: 'route', route: 'a/hole', barrier: 'dropped' }]],
    ],
  )
})
